package bus

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// mend keeps what is needed to bring a stuck embedded server back.
type mend struct {
	gate     sync.RWMutex // publishing holds it for reading, a restart for writing
	late     atomic.Int32 // publishes in a row that got no answer
	restarts atomic.Uint64

	// Used by Mend alone.
	next    time.Time     // not before
	pause   time.Duration // until the one after
	halfway bool          // the server runs, and has not been compared with the mark
}

// errRestarting ends a wait for the server that is being started anew.
var errRestarting = errors.New("the embedded bus is being started anew")

// enter takes the gate for reading. It waits for a restart no longer than ctx lasts.
func (m *mend) enter(ctx context.Context) error {
	if m.gate.TryRLock() {
		return nil
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return errRestarting
		case <-tick.C:
			if m.gate.TryRLock() {
				return nil
			}
		}
	}
}

// Bounds of mending.
const (
	lateMost   = 12 // publishes without an answer that mean a stuck server
	mendPause  = 5 * time.Second
	mendLonger = 5 * time.Minute
)

// Mend brings the embedded server back when it is stuck: after a write that failed,
// as at the real end of the volume, a stream answers nothing more until the server
// is started anew. That is done here, in the process, as soon as the reserve of the
// volume is free again. Publishing waits meanwhile and then tries again under the
// same message ids; readers go on where they were. What was acknowledged is compared
// with the high-water mark as at a start: see Lost. It reports whether the server
// was started anew. Call it about once a second, from one goroutine; a server that
// does not get well is tried again after 5 s, and up to 5 minutes later each time.
func (b *Bus) Mend(ctx context.Context) (restarted bool, err error) {
	why := b.stuck()
	if why == nil {
		return false, nil
	}
	now := time.Now()
	if now.Before(b.mend.next) {
		return false, nil
	}
	if b.space.checked.Store(0); b.checkSpace(Events) != nil {
		return false, nil // it would get stuck again
	}
	b.mend.pause = min(max(2*b.mend.pause, mendPause), mendLonger)
	b.mend.next = now.Add(b.mend.pause)
	b.log.Warn("bus: the embedded server is stuck and is started anew", "why", why)
	if err := b.restart(ctx); err != nil {
		return false, fmt.Errorf("start the embedded bus anew: %w", err)
	}
	b.log.Info("bus: the embedded server works again")
	return true, nil
}

// Restarts counts how often Mend has started the server anew.
func (b *Bus) Restarts() uint64 { return b.mend.restarts.Load() }

// stuck returns why the embedded server must be started anew, or nil.
func (b *Bus) stuck() error {
	if !b.embedded() {
		return nil
	}
	err := b.server.fault()
	if err == nil && b.mend.halfway {
		err = errors.New("it was started anew and not looked through yet")
	}
	if err == nil && b.mend.late.Load() >= lateMost {
		err = errors.New("it does not answer publishers")
	}
	if err == nil && b.mend.pause > 0 && time.Since(b.mend.next) > mendLonger {
		b.mend.pause = 0 // it has been well for long
	}
	return err
}

func (b *Bus) restart(ctx context.Context) error {
	b.mend.gate.Lock()
	defer b.mend.gate.Unlock()
	b.mend.halfway = true
	b.server.stop()
	if err := b.server.start(b.cfg, b.log); err != nil {
		return err
	}
	b.mend.restarts.Add(1)
	b.mend.late.Store(0)
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if err := b.reconnected(ctx); err != nil {
		return err
	}
	if err := b.createStreams(ctx); err != nil {
		return err
	}
	if err := b.compareMark(ctx); err != nil {
		return err
	}
	b.mend.halfway = false
	return nil
}

// reconnected waits until the connection has found the new server.
func (b *Bus) reconnected(ctx context.Context) error {
	for {
		once, cancel := context.WithTimeout(ctx, time.Second)
		err := b.conn.FlushWithContext(once)
		cancel()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("reach it: %w", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
