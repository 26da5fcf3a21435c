package detect

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// checkpointMagic begins a checkpoint; its last digit is the version.
const checkpointMagic = "YGDETECT1"

// ErrCheckpoint is what Restore returns, wrapped, for bytes that are no checkpoint
// of this version.
var ErrCheckpoint = errors.New("damaged or foreign checkpoint")

// Checkpoint appends the engine's state to dst. Call it between blocks. State is
// kept by rule and by the rule's meaning, so that a changed rule set restores what
// still means the same.
func (e *Engine) Checkpoint(dst []byte) ([]byte, error) {
	start := len(dst)
	w := writer{append(dst, checkpointMagic...)}
	w.int(e.mark)
	w.stats(&e.stats)
	w.uint(uint64(len(e.suppress.byKey)))
	for el := e.suppress.order.Front(); el != nil; el = el.Next() {
		s := el.Value.(*suppression)
		w.text(s.key)
		w.int(s.at)
		w.int(s.span)
		w.text(s.alert)
		w.int(int64(s.count))
	}
	w.uint(uint64(len(e.windows)))
	for i := range e.windows {
		w.text(e.p.correlations[i].head.meta.Key())
		w.text(e.p.correlations[i].head.hash)
		w.uint(uint64(len(e.windows[i].byKey)))
		body := writer{}
		for g := e.windows[i].first; g != nil; g = g.next {
			body.window(g)
		}
		w.text(string(body.b))
	}
	return append(w.b[:start], seal(w.b[start:])...), nil
}

// seal appends the checksum.
func seal(body []byte) []byte {
	return binary.LittleEndian.AppendUint32(body, crc32.ChecksumIEEE(body))
}

// Restore replaces the engine's state by a checkpoint's. State of rules that are
// no longer there, or mean something else now, is left out. After an error the
// engine is as it was.
func (e *Engine) Restore(data []byte) error {
	if len(data) < len(checkpointMagic)+4 || string(data[:len(checkpointMagic)]) != checkpointMagic {
		return fmt.Errorf("%w: no %s header", ErrCheckpoint, checkpointMagic)
	}
	body, sum := data[:len(data)-4], binary.LittleEndian.Uint32(data[len(data)-4:])
	if crc32.ChecksumIEEE(body) != sum {
		return fmt.Errorf("%w: checksum", ErrCheckpoint)
	}
	fresh := &Engine{p: e.p, cfg: e.cfg}
	fresh.Reset()
	r := reader{rest: body[len(checkpointMagic):]}
	fresh.mark = r.int()
	r.stats(&fresh.stats)
	fresh.readSuppressions(&r)
	fresh.readCorrelations(&r)
	if r.bad || len(r.rest) != 0 {
		return fmt.Errorf("%w: cut short or too long", ErrCheckpoint)
	}
	e.mark, e.stats, e.suppress, e.windows, e.timers, e.evidence = fresh.mark, fresh.stats, fresh.suppress, fresh.windows, fresh.timers, fresh.evidence
	return nil
}

func (e *Engine) readSuppressions(r *reader) {
	known := map[string]bool{}
	for i := range e.p.rules {
		known[e.p.rules[i].head.hash+"\x00"+e.p.rules[i].head.meta.Key()] = true
	}
	for i := range e.p.correlations {
		known[e.p.correlations[i].head.hash+"\x00"+e.p.correlations[i].head.meta.Key()] = true
	}
	for n := r.uint(); n > 0 && !r.bad; n-- {
		s := &suppression{key: r.text(), at: r.int(), span: r.int(), alert: r.text(), count: int(r.int())}
		if !r.bad && known[ruleOfKey(s.key)] {
			e.suppress.start(s, e.cfg.MaxSuppress)
		}
	}
}

// ruleOfKey cuts the group off a suppression's key.
func ruleOfKey(key string) string {
	parts := 0
	for i := range len(key) {
		if key[i] == 0 {
			if parts++; parts == 2 {
				return key[:i]
			}
		}
	}
	return key
}

func (e *Engine) readCorrelations(r *reader) {
	for n := r.uint(); n > 0 && !r.bad; n-- {
		key, hash, count := r.text(), r.text(), r.uint()
		body := reader{rest: []byte(r.text())}
		at := -1
		for i := range e.p.correlations {
			if h := e.p.correlations[i].head; h.meta.Key() == key && h.hash == hash {
				at = i
			}
		}
		if at < 0 {
			continue
		}
		for ; count > 0 && !body.bad; count-- {
			if w := body.window(len(e.p.correlations[at].inputs)); !body.bad {
				e.adopt(at, w)
			}
		}
		r.bad = r.bad || body.bad || len(body.rest) != 0
	}
}

// adopt takes a restored group in.
func (e *Engine) adopt(n int, w *window) {
	g := &e.windows[n]
	if len(w.group) != len(e.p.correlations[n].names) || g.byKey[w.key] != nil {
		return
	}
	g.byKey[w.key] = w
	g.touch(w)
	for i := range w.entries {
		if n := len(w.entries[i].packed); n > 0 {
			w.evidence++
			e.evidence += n
		}
	}
	if w.due != 0 {
		e.timers.push(timer{w.due, n, w})
	}
}
