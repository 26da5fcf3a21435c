package bus

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Failing is a message that a stage could not handle, again and again; what comes
// after it waits.
type Failing struct {
	Stream, Stage string
	Seq           uint64
	Tries         int
	Since         time.Time // of the first try
	Reason        string    // of the last one
}

// failingMost bounds the messages that are named at a time.
const failingMost = 64

type failingKey struct {
	stream, stage string
	seq           uint64
}

// failing holds the messages that have failed and were not finished since. The
// zero value is empty.
type failing struct {
	total atomic.Uint64

	mu  sync.Mutex
	now map[failingKey]Failing
}

func (f *failing) note(k failingKey, tries int, reason error) {
	f.total.Add(1)
	f.mu.Lock()
	defer f.mu.Unlock()
	one, known := f.now[k]
	if !known {
		if len(f.now) >= failingMost {
			return
		}
		one = Failing{Stream: k.stream, Stage: k.stage, Seq: k.seq, Since: time.Now()}
	}
	one.Tries, one.Reason = tries, reason.Error()
	if f.now == nil {
		f.now = map[failingKey]Failing{}
	}
	f.now[k] = one
}

func (f *failing) drop(k failingKey) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.now, k)
}

// Failing lists the messages that a stage has failed at and not finished since, in
// the order of streams, stages and sequences.
func (b *Bus) Failing() []Failing {
	b.failing.mu.Lock()
	defer b.failing.mu.Unlock()
	var all []Failing
	for _, f := range b.failing.now {
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b Failing) int {
		return cmp.Or(cmp.Compare(a.Stream, b.Stream), cmp.Compare(a.Stage, b.Stage), cmp.Compare(a.Seq, b.Seq))
	})
	return all
}

// Failures counts how often a stage has failed at a message.
func (b *Bus) Failures() uint64 { return b.failing.total.Load() }
