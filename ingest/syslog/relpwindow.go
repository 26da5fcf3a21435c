package syslog

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Bounds of a RELP connection's answers.
const (
	maxOwed    = 4096     // answers owed; then the connection is not read
	hurryAt    = 64       // owed answers of a sender that says nothing more: it may be waiting
	answerSize = 16 << 10 // bytes of answers in one write

	// A sender that was silent for waited until it was answered, and then goes on at
	// once, has fewer messages under way than hurryAt: so many reads hurry then.
	waited      = 5 * time.Millisecond
	hurriesOnce = 64
)

// owed is an answer to be given.
type owed struct {
	taken        // of a message; block 0: the answer waits for nothing
	message bool // it answers a message that a block took
	txnr    uint32
	text    string // "" is "200 OK"
}

// window holds the answers that a connection owes, in the order of the frames. One
// goroutine pushes, another answers; all others are told by the bus.
type window struct {
	mu       sync.Mutex
	changed  *sync.Cond
	list     []owed
	answered []taken       // the last messages that were answered; at most maxAnswered and one write's
	passed   int           // messages answered before those
	coming   atomic.Uint64 // digest of the message that is being taken; 0: none
	writing  int           // answers at the list's start that are being written: the sender may have them
	durable  uint64        // blocks up to this one are on disk
	lost     bool          // a block is nowhere: nothing more is answered
	ended    bool          // nothing more is pushed
	dead     bool          // nothing more is answered: the connection broke, or time is over
	told     atomic.Int64  // Unix nanoseconds of the last answer
	last     *tail         // what tail has returned
}

func newWindow(durable uint64) *window {
	w := &window{durable: durable}
	w.changed = sync.NewCond(&w.mu)
	return w
}

// push adds an answer, waiting while too many are owed; false: nobody answers.
func (w *window) push(o owed) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.list) >= maxOwed && !w.dead && !w.lost {
		w.changed.Wait()
	}
	w.coming.Store(0)
	w.list = append(w.list, o)
	if len(w.list) == 1 && o.block <= w.durable {
		w.changed.Broadcast()
	}
	return !w.dead && !w.lost
}

// owes is the number of answers owed.
func (w *window) owes() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.list)
}

// reach tells that a block is on disk, or with err that it is nowhere.
func (w *window) reach(block uint64, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		w.lost = true
	} else if !w.lost {
		w.durable = block
	}
	if w.lost || len(w.list) > 0 && w.list[0].block <= w.durable {
		w.changed.Broadcast()
	}
}

// set changes a flag and wakes everybody.
func (w *window) set(flag *bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	*flag = true
	w.changed.Broadcast()
}

// next waits for answers that may be given and appends them to b; n of them: 0 when
// there will be none any more.
func (w *window) next(b []byte) (answers []byte, n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for !w.dead {
		for n < len(w.list) && w.list[n].block <= w.durable && len(b) < answerSize {
			b = w.list[n].append(b)
			n++
		}
		if n > 0 || w.lost || w.ended && len(w.list) == 0 {
			w.writing = n
			return b, n
		}
		w.changed.Wait()
	}
	return b, 0
}

// fail tells that the answers could not be written: nothing more is answered.
func (w *window) fail() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.writing, w.dead = 0, true
	w.changed.Broadcast()
}

// wrote tells that the first n answers were written.
func (w *window) wrote(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, o := range w.list[:n] {
		if o.message {
			w.answered = append(w.answered, o.taken)
		}
	}
	if over := len(w.answered) - maxAnswered; over > 0 {
		w.answered = slices.Delete(w.answered, 0, over)
		w.passed += over
	}
	w.told.Store(time.Now().UnixNano())
	full := len(w.list) >= maxOwed
	w.list, w.writing = slices.Delete(w.list, 0, n), 0
	if full {
		w.changed.Broadcast()
	}
}

// tail returns the last messages that were taken, answered or not, and whether it was
// asked for the first time; nil when there are none. What lies in a lost block is none
// of them: nobody is told that it was taken.
func (w *window) tail(from netip.Addr) (t *tail, first bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.last != nil || w.lost {
		return w.last, false
	}
	if t = w.messages(from); len(t.messages) == 0 {
		return nil, false
	}
	w.last = t
	return t, true
}

// peek is tail of a connection that goes on (live), with the message that is being
// taken as its last: one of block 0.
func (w *window) peek(from netip.Addr) (t *tail, live bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.last != nil || w.lost {
		return w.last, false
	}
	t = w.messages(from)
	if d := w.coming.Load(); d != 0 {
		t.messages = append(t.messages, taken{digest: d})
	}
	return t, true
}

// over is tail of a connection that has ended; live: it has not.
func (w *window) over() (t *tail, live bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.last, w.last == nil && !w.lost
}

func (w *window) messages(from netip.Addr) *tail {
	t := &tail{from: from, messages: slices.Clone(w.answered), before: w.passed, must: len(w.answered)}
	for i, o := range w.list {
		if o.message {
			t.messages = append(t.messages, o.taken)
		}
		if i < w.writing {
			t.must = len(t.messages)
		}
	}
	return t
}

// append writes the answer's frame.
func (o *owed) append(b []byte) []byte {
	b = strconv.AppendUint(b, uint64(o.txnr), 10)
	if o.text == "" {
		return append(b, " rsp 6 200 OK\n"...)
	}
	return fmt.Appendf(b, " rsp %d %s\n", len(o.text), o.text)
}
