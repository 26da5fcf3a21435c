package run

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"yagura/internal/bus"
	"yagura/internal/event"
)

// agentLedger is how the listener for agents learns, after a start, what of each
// agent is on disk: from a checkpoint, the blocks behind it, and those that the
// packer's spool held when this process began.
type agentLedger struct {
	m         *Main
	published atomic.Uint64
	mu        sync.Mutex
	spooled   []*event.Block // until they have been folded
}

// stage is the name of the checkpoint: one for each node of a cluster.
func (l *agentLedger) stage() string { return "agents-" + l.m.cfg.Node }

// Published implements agent.Stream.
func (l *agentLedger) Published() uint64 { return l.published.Load() }

// note notes a block that is on disk, before anybody is told.
func (l *agentLedger) note(seq uint64) {
	if seq > l.published.Load() { // one goroutine publishes
		l.published.Store(seq)
	}
}

// readSpool reads the packer's spool before the packer takes it away. What cannot be
// read the packer tells of.
func (l *agentLedger) readSpool() {
	names, _ := filepath.Glob(filepath.Join(l.m.folder.Sub("spool"), "*.block"))
	for _, name := range names {
		packed, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		if b, err := event.Unpack(packed); err == nil {
			l.spooled = append(l.spooled, b)
		}
	}
}

// Load implements agent.Stream.
func (l *agentLedger) Load(ctx context.Context) (state []byte, seq uint64, err error) {
	state, seq, err = l.m.bus.LoadCheckpoint(ctx, l.stage())
	if errors.Is(err, bus.ErrDamaged) {
		l.m.log.Error("agents: the checkpoint is damaged; the stream is read from its beginning", "err", err)
		return nil, 0, nil
	}
	if err == nil && state == nil {
		// The first start with agents: nothing on the stream is theirs.
		seq, err = l.m.bus.Last(ctx, bus.Events)
	}
	return state, seq, err
}

// Save implements agent.Stream.
func (l *agentLedger) Save(ctx context.Context, seq uint64, state []byte) error {
	once, cancel := context.WithTimeout(ctx, saveTime)
	defer cancel()
	return l.m.bus.SaveCheckpoint(once, l.stage(), seq, state)
}

// foldLook is how often the fold looks whether it has come to the end: the last
// messages may be ones that no reader is given.
const foldLook = 500 * time.Millisecond

// Blocks implements agent.Stream.
func (l *agentLedger) Blocks(ctx context.Context, after uint64, each func(*event.Block)) (last uint64, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if last, err = l.end(ctx); err != nil {
		return 0, err
	}
	if after < last {
		if err := l.read(ctx, after, last, each); err != nil {
			return 0, err
		}
	}
	for _, b := range l.spooled {
		each(b)
	}
	l.spooled = nil
	return last, nil
}

// end is the newest block; 0 when the stream holds none.
func (l *agentLedger) end(ctx context.Context) (uint64, error) {
	all, err := l.m.bus.States(ctx)
	if err != nil {
		return 0, err
	}
	i := slices.IndexFunc(all, func(s bus.StreamState) bool { return s.Name == bus.Events })
	if i < 0 || all[i].Messages == 0 {
		return 0, nil
	}
	return all[i].Last, nil
}

func (l *agentLedger) read(ctx context.Context, after, last uint64, each func(*event.Block)) error {
	r, err := l.m.bus.Blocks(ctx, "", after+1)
	if err != nil {
		return err
	}
	defer r.Close()
	for r.Floor() < last {
		once, cancel := context.WithTimeout(ctx, foldLook)
		d, err := r.Next(once)
		cancel()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, context.DeadlineExceeded):
			continue
		case err != nil:
			return err
		}
		each(d.Value)
		d.Commit()
	}
	return nil
}
