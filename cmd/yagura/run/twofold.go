package run

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"yagura/detect"
	"yagura/internal/event"
)

// importListener is the listener's name of lines that `yagura import` brought.
const importListener = "import"

// twofold matches live events with one engine, and imported history that is to be
// matched with another: times of long ago would end the windows of today.
type twofold struct {
	live    *detect.Engine
	past    *detect.Engine // nil until history comes
	newPast func() *detect.Engine
}

func newTwofold(p *detect.Program, cfg detect.EngineConfig) *twofold {
	live, past := cfg, cfg
	live.Events, past.Events = detect.LiveEvents, detect.ReplayEvents
	return &twofold{live: detect.NewEngine(p, live), newPast: func() *detect.Engine { return detect.NewEngine(p, past) }}
}

// Block implements matcher.
func (t *twofold) Block(b *event.Block, seq uint64) (event.Verdict, []event.Alert) {
	v, alerts := t.live.Block(b, seq)
	if !replays(b) {
		return v, alerts
	}
	if t.past == nil {
		t.past = t.newPast()
	}
	pv, more := t.past.Block(b, seq)
	return joined(v, pv), append(alerts, more...)
}

// replays tells whether history in the block is to be matched.
func replays(b *event.Block) bool {
	if !slices.ContainsFunc(b.Sources, func(s event.Source) bool { return s.Listener == importListener }) {
		return false
	}
	for i := range b.Len() {
		if b.Event(i).Flags()&event.FlagReplay != 0 {
			return true
		}
	}
	return false
}

// joined is the answer of two engines to one block; no event was looked at by both.
func joined(a, b event.Verdict) event.Verdict {
	for _, h := range b.Hits {
		key := b.Rules[h.Rule]
		at := slices.Index(a.Rules, key)
		if at < 0 {
			at = len(a.Rules)
			a.Rules = append(a.Rules, key)
		}
		a.Hits = append(a.Hits, event.Hit{Event: h.Event, Rule: uint16(at)})
	}
	slices.SortStableFunc(a.Hits, func(x, y event.Hit) int { return int(x.Event) - int(y.Event) })
	a.Alert = append(a.Alert, b.Alert...)
	slices.SortStableFunc(a.Alert, func(x, y event.EventIn) int { return int(x.Event) - int(y.Event) })
	return a
}

// pastMagic ends a checkpoint that holds the state of both engines:
// live, past, the length of past as 8 bytes little endian, pastMagic.
const pastMagic = "YGPAST1\n"

var errPast = errors.New("the state of imported history is damaged")

// Checkpoint implements matcher.
func (t *twofold) Checkpoint(dst []byte) ([]byte, error) {
	dst, err := t.live.Checkpoint(dst)
	if err != nil || t.past == nil {
		return dst, err
	}
	start := len(dst)
	if dst, err = t.past.Checkpoint(dst); err != nil {
		return dst, err
	}
	dst = binary.LittleEndian.AppendUint64(dst, uint64(len(dst)-start))
	return append(dst, pastMagic...), nil
}

// Restore implements matcher.
func (t *twofold) Restore(state []byte) error {
	live, past, err := split(state)
	if err != nil {
		return err
	}
	if err := t.live.Restore(live); err != nil {
		return err
	}
	if past == nil {
		return nil
	}
	t.past = t.newPast()
	if err := t.past.Restore(past); err != nil {
		return fmt.Errorf("imported history: %w", err)
	}
	return nil
}

func split(state []byte) (live, past []byte, err error) {
	body, ok := bytes.CutSuffix(state, []byte(pastMagic))
	if !ok {
		return state, nil, nil
	}
	if len(body) < 8 {
		return nil, nil, errPast
	}
	body, size := body[:len(body)-8], binary.LittleEndian.Uint64(body[len(body)-8:])
	if size > uint64(len(body)) {
		return nil, nil, errPast
	}
	at := len(body) - int(size)
	return body[:at], body[at:], nil
}
