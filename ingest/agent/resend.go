package agent

import (
	"context"
	"crypto/sha256"
	"net/http"
	"sync"
	"time"
)

// Bounds of what is remembered of requests that had no answer.
const (
	maxUnanswered = 1024
	resendTime    = 15 * time.Minute
)

// request is a sender and what it sent.
type request struct {
	sender string
	digest [32]byte
}

// remains is what was taken of a request that had no answer.
type remains struct {
	taken  int
	last   uint64 // block of its last record
	losses uint64 // the desk's, when it was opened
	at     time.Time
}

// resends remembers requests whose senders do not know that they were taken: one that
// gives up waiting, or whose connection broke, sends the same bytes again. What had
// been answered may be sent again on purpose: equal lines are legitimate.
type resends struct {
	mu       sync.Mutex
	remains  map[request]remains
	underway map[request]chan struct{} // closed at the end
}

func newResends() *resends {
	return &resends{remains: map[request]remains{}, underway: map[request]chan struct{}{}}
}

// begin waits for the end of the same request, if one is underway: the sender has
// given it up, perhaps unseen. It returns what was taken of an earlier one. ok is
// false when ctx ended first.
func (u *resends) begin(ctx context.Context, r request) (old remains, ok bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for {
		other := u.underway[r]
		if other == nil {
			break
		}
		u.mu.Unlock()
		select {
		case <-other:
		case <-ctx.Done():
		}
		u.mu.Lock()
		if ctx.Err() != nil {
			return remains{}, false
		}
	}
	u.underway[r] = make(chan struct{})
	old = u.remains[r]
	delete(u.remains, r)
	if time.Since(old.at) > resendTime {
		old = remains{}
	}
	return old, true
}

// end lets others begin. What was taken without an answer is remembered.
func (u *resends) end(r request, left remains) {
	u.mu.Lock()
	defer u.mu.Unlock()
	close(u.underway[r])
	delete(u.underway, r)
	if left.taken == 0 {
		return
	}
	if len(u.remains) >= maxUnanswered {
		u.makeRoom(left.at)
	}
	u.remains[r] = left
}

// makeRoom forgets the old ones, else any one.
func (u *resends) makeRoom(now time.Time) {
	for r, o := range u.remains {
		if now.Sub(o.at) > resendTime {
			delete(u.remains, r)
		}
	}
	for r := range u.remains {
		if len(u.remains) < maxUnanswered {
			return
		}
		delete(u.remains, r)
	}
}

// digest is of the body as it was inflated: a sender may pack it anew.
func (b *Body) digest() [32]byte { return sha256.Sum256(b.Bytes) }

// Resume tells what the request says, before its first record. If the same was sent
// before and not answered, the records that were taken then are not taken again. Call
// Answered at the end.
func (i *Intake) Resume(ctx context.Context, digest [32]byte) {
	r := request{i.sender, digest}
	old, ok := i.desk.resends.begin(ctx, r)
	if !ok {
		return // Take will say so, too
	}
	i.request = &r
	if old.taken == 0 || old.losses != i.losses { // one of its blocks may be lost: all of it counts as new
		return
	}
	i.skip, i.last = old.taken, old.last
	i.desk.resent.Add(1)
}

// Answered writes out the answer, and remembers that the sender has it, unless the
// connection has ended.
func (i *Intake) Answered(w http.ResponseWriter, r *http.Request) {
	i.answered = http.NewResponseController(w).Flush() == nil && r.Context().Err() == nil
}

// left is what a sender without an answer may send again.
func (i *Intake) left() remains {
	i.desk.mu.Lock()
	defer i.desk.mu.Unlock()
	if i.answered || i.desk.losses != i.losses {
		return remains{}
	}
	return remains{taken: max(i.taken, i.skip), last: i.last, losses: i.losses, at: time.Now()}
}
