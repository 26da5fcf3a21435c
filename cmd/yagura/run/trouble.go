package run

import (
	"fmt"
	"sync"
	"time"

	"yagura/internal/console"
)

// troubleAge is how long something may fail before health speaks.
const troubleAge = time.Minute

// trouble is what a stage is trying in vain. The zero value is none.
type trouble struct {
	mu    sync.Mutex
	what  string
	since time.Time
	tries int
	err   error
}

// note takes the outcome of a try and hands it on.
func (t *trouble) note(what string, err error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case err == nil:
		t.what, t.since, t.tries = "", time.Time{}, 0
	case t.what != what:
		t.what, t.since, t.tries = what, time.Now(), 1
	default:
		t.tries++
	}
	t.err = err
	return err
}

// String says what has failed for how long; "" while all is well or it is too early.
func (t *trouble) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err == nil || time.Since(t.since) < troubleAge {
		return ""
	}
	return fmt.Sprintf("%s has failed %d times since %s: %v", t.what, t.tries, t.since.Format(time.RFC3339), t.err)
}

// count is the number of failed tries of what fails now.
func (t *trouble) count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.tries
}

// failingTries is how often a message may fail before health speaks.
const failingTries = 3

// poison names what a stage cannot handle: messages that fail, dead letters, blocks
// that the rules could not be run over, an insert that does not succeed.
func (h *checkup) poison() {
	m := h.main
	for _, f := range m.bus.Failing() {
		if f.Tries >= failingTries {
			h.add(console.Critical, f.Stage, fmt.Sprintf("message %d of %s has failed %d times since %s, and what comes after it waits: %s",
				f.Seq, f.Stream, f.Tries, f.Since.Format(time.RFC3339), f.Reason), "mend what the reason names (room on the volume, the file's rights); it is tried again by itself")
		}
	}
	if m.detect != nil {
		if last := m.detect.unmatched.Load(); last != nil {
			h.add(console.Warning, "detect", fmt.Sprintf("the rules could not be run over %d blocks since the start, the last one is block %d at %s (%s)",
				m.detect.poisoned.Load(), last.seq, last.at.Format(time.RFC3339), last.id), "its lines are stored without a verdict; report this: it is a defect")
		}
	}
	if m.store != nil {
		if text := m.store.trouble.String(); text != "" {
			h.add(console.Critical, "store", text, "the lines are safe on the bus; mend what the reason names: the engine, its room, its memory")
		}
	}
}
