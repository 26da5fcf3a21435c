package agent

import (
	"context"
	"time"

	"yagura/internal/event"
)

// Record is one thing an agent sent.
type Record struct {
	Raw  []byte               // the bytes that are kept and parsed; copied; cut at event.MaxRaw and flagged
	Time time.Time            // what the envelope says; used when the line itself holds no readable time; zero: nothing
	Mark func(d *event.Draft) // sets, after all else and whatever became of the parser, what must be in the event; nil: nothing
	Fill func(d *event.Draft) // sets what the envelope knows (log.file.path, host.name, agent.*) and the parser did not find: it asks d.Has; nil: nothing
}

// Intake brings the records of one request to the disk. Not safe for concurrent use.
type Intake struct {
	desk   *desk
	from   event.Source
	sender string // who sends the same again, if it does: several share a source
	books  *account
	losses uint64
	last   uint64 // block that holds the last record; 0: none was taken
	taken  int

	request  *request // nil: nothing is remembered of it
	skip     int      // records that an earlier try has brought
	answered bool
}

// intake opens one for a sender, whose name is what the books know it by. Close it.
func (d *desk) intake(peer string) *Intake {
	d.mu.Lock()
	defer d.mu.Unlock()
	from := event.Source{Peer: peer, Listener: d.name}
	return &Intake{desk: d, from: from, losses: d.losses, books: d.ledger.hold(peer)}
}

// Close ends it; nothing is taken back.
func (i *Intake) Close() {
	i.desk.ledger.drop(i.books)
	if i.request != nil {
		i.desk.resends.end(*i.request, i.left())
	}
}

// Taken is the number of records taken.
func (i *Intake) Taken() int { return i.taken }

// Take brings a record to the block being gathered. It blocks while there is no room:
// the sender is held back; the first record of a request for desk.patience, as after
// that nothing of it was taken. After an error nothing may be answered as taken.
func (i *Intake) Take(ctx context.Context, r Record) error {
	if i.taken < i.skip {
		i.taken++
		return nil
	}
	if i.taken == 0 && i.desk.patience > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, i.desk.patience)
		defer cancel()
	}
	i.books.receive(1)
	c, err := i.desk.borrow(ctx)
	if err != nil {
		i.refuse()
		return err
	}
	defer func() { i.desk.couriers <- c }()
	i.desk.prepare(c, r, i.from)
	block, err := i.desk.sink.AppendBlock(ctx, &c.draft)
	if err != nil {
		i.refuse()
		return err
	}
	i.last = block
	i.taken++
	return nil
}

func (i *Intake) refuse() {
	reason := event.BusFull
	if i.desk.stopping.Load() {
		reason = event.Shutdown
	}
	i.books.refuse(reason, 1)
}

// settleTime bounds how long a request waits for the disk where the desk has no
// patience of its own.
const settleTime = 2 * time.Minute

// Settle waits until all that was taken is on disk. After an error nothing may be
// answered as taken, whatever became of it.
func (i *Intake) Settle(ctx context.Context) error {
	d := i.desk
	limit := settleTime
	if d.patience > 0 { // as for room: clients give up soon after, and what comes again is known
		limit = d.patience
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	d.sink.Hurry()
	d.mu.Lock()
	w := &waiter{block: i.last, done: make(chan struct{})}
	if w.block <= d.durable {
		close(w.done)
	} else {
		d.waiting[w] = struct{}{}
	}
	d.mu.Unlock()
	select {
	case <-w.done:
	case <-ctx.Done():
		d.mu.Lock()
		defer d.mu.Unlock()
		delete(d.waiting, w)
		return ctx.Err()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if i.last > 0 && d.losses != i.losses { // one of ours, or a neighbour's: it is not known which
		return errLost
	}
	return nil
}
