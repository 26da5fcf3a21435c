package bus

import (
	"errors"
	"slices"
)

// Delivery is one message handed to a stage. Exactly one of Commit and Failed
// must be called, exactly once: Commit after the effect is durable, Failed to get
// the message again after a pause. A second call panics: it is a defect of the
// stage that would move the cursor past unfinished work.
type Delivery[T any] struct {
	Seq   uint64 // in the stream
	Value T
	end   func(err error)
}

// Commit says that the effect of the message is durable.
func (d *Delivery[T]) Commit() { d.finish(nil) }

// Failed says that the message could not be handled: it is delivered again.
func (d *Delivery[T]) Failed(err error) {
	if err == nil {
		err = errors.New("failed without a reason")
	}
	d.finish(err)
}

func (d *Delivery[T]) finish(err error) {
	end := d.end
	if end == nil {
		panic("bus: delivery finished twice")
	}
	d.end = nil
	end(err)
}

// marks keeps which deliveries are finished and how far everything is.
type marks struct {
	open  []mark // delivered, in the stream's order; the first one is unfinished
	last  uint64 // highest delivered
	floor uint64 // everything up to here is finished, or is no longer in the stream
}

type mark struct {
	seq  uint64
	done bool
}

// begin notes a delivery. It reports false for a sequence that was delivered
// before. What the stream has skipped is not there to wait for.
func (m *marks) begin(seq uint64) bool {
	if seq <= m.last {
		return false
	}
	m.open, m.last = append(m.open, mark{seq: seq}), seq
	m.settle()
	return true
}

func (m *marks) finish(seq uint64) {
	i, ok := slices.BinarySearchFunc(m.open, seq, func(a mark, seq uint64) int {
		switch {
		case a.seq < seq:
			return -1
		case a.seq > seq:
			return 1
		}
		return 0
	})
	if ok {
		m.open[i].done = true
		m.settle()
	}
}

func (m *marks) settle() {
	n := 0
	for n < len(m.open) && m.open[n].done {
		n++
	}
	m.open = m.open[n:]
	m.floor = m.last
	if len(m.open) > 0 {
		m.floor = m.open[0].seq - 1
	}
}
