package run

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"yagura/internal/bus"
	"yagura/internal/event"
	"yagura/internal/store"
)

// Grouping of blocks to inserts.
const (
	groupRows = 50_000
	groupWait = time.Second
)

// inserter is the store's writer.
type inserter interface {
	Insert(ctx context.Context, g store.Group) error
	Watermark(ctx context.Context) (uint64, error)
	Skip(ctx context.Context, first, last uint64) error // the bus holds these no more
}

// storeStage groups blocks, joins them with verdicts and inserts them, each group
// exactly once.
type storeStage struct {
	bus      *bus.Bus
	writer   inserter
	patience time.Duration // how long to wait for detect
	borders  borders
	log      *slog.Logger
	done     progress

	desk *verdictDesk
	held *bus.Delivery[*event.Block] // read, and left for the next group
}

func (s *storeStage) run(ctx context.Context) error {
	stored, err := retried(ctx, s.log, "store: read the watermark", func() (uint64, error) { return s.writer.Watermark(ctx) })
	if err != nil {
		return nil // only the end of ctx
	}
	s.done.set(stored)
	s.desk = newVerdictDesk(stored)
	r, err := s.bus.Blocks(ctx, "store", stored+1)
	if err != nil {
		return err
	}
	defer r.Close()
	reading, stop := context.WithCancel(ctx)
	failed := make(chan error, 1)
	go func() { failed <- s.desk.read(reading, s.bus) }()
	defer func() { stop(); <-failed }()
	for ctx.Err() == nil {
		group, err := s.gather(ctx, r)
		if err != nil {
			return err
		}
		if len(group) > 0 {
			if err := s.insert(ctx, r, group); err != nil {
				return err
			}
		}
	}
	return nil
}

// gather takes consecutive blocks up to groupRows rows, groupWait or the end of
// the day. A group whose borders were written before a kill is made again just so.
func (s *storeStage) gather(ctx context.Context, r *bus.Reader[*event.Block]) (group []*bus.Delivery[*event.Block], err error) {
	rows, deadline := 0, time.Time{}
	for {
		d := s.held
		s.held = nil
		if d == nil {
			if d, err = nextBy(ctx, r, deadline); d == nil {
				return group, err
			}
		}
		if len(group) == 0 {
			deadline = time.Now().Add(groupWait)
		} else if !s.fits(group, rows, d) {
			s.held = d
			return group, nil
		}
		group = append(group, d)
		rows += d.Value.Len()
		if d.Seq == s.borders.Last || (d.Seq > s.borders.Last && rows >= groupRows) {
			return group, nil
		}
	}
}

// nextBy returns the next delivery, or nil when ctx ends or the deadline passes; a
// zero deadline is none.
func nextBy[T any](ctx context.Context, r *bus.Reader[T], deadline time.Time) (*bus.Delivery[T], error) {
	wait, cancel := ctx, context.CancelFunc(func() {})
	if !deadline.IsZero() {
		wait, cancel = context.WithDeadline(ctx, deadline)
	}
	defer cancel()
	d, err := r.Next(wait)
	if err != nil && wait.Err() != nil {
		return nil, nil
	}
	return d, err
}

// fits tells whether a block may join the group.
func (s *storeStage) fits(group []*bus.Delivery[*event.Block], rows int, d *bus.Delivery[*event.Block]) bool {
	if store.Day(group[0].Value) != store.Day(d.Value) || d.Seq != group[len(group)-1].Seq+1 {
		return false
	}
	return d.Seq <= s.borders.Last || rows+d.Value.Len() <= groupRows
}

// insert stores a group, trying until it succeeds or ctx ends, and then commits.
func (s *storeStage) insert(ctx context.Context, r *bus.Reader[*event.Block], group []*bus.Delivery[*event.Block]) error {
	g := store.Group{FirstSeq: group[0].Seq, LastSeq: group[len(group)-1].Seq}
	for _, d := range group {
		g.Blocks = append(g.Blocks, store.Block{Seq: d.Seq, Block: d.Value, Verdict: s.desk.get(ctx, d.Seq, s.patience)})
	}
	if ctx.Err() != nil {
		return nil // the verdicts may be missing only because of the stop
	}
	if s.borders.First != g.FirstSeq || s.borders.Last != g.LastSeq {
		if err := s.borders.set(g.FirstSeq, g.LastSeq); err != nil {
			return err
		}
	}
	if _, err := retried(ctx, s.log, "store: insert", func() (struct{}, error) { return struct{}{}, s.store(ctx, g) }); err != nil {
		return nil
	}
	for _, d := range group {
		d.Commit()
	}
	s.done.set(g.LastSeq)
	s.desk.done(g.LastSeq)
	return s.save(ctx, r)
}

// store inserts the group, noting what the bus no longer holds before it.
func (s *storeStage) store(ctx context.Context, g store.Group) error {
	if last := s.done.get(); last > 0 && g.FirstSeq > last+1 {
		if err := s.writer.Skip(ctx, last+1, g.FirstSeq-1); err != nil {
			return err
		}
	}
	return s.writer.Insert(ctx, g)
}

func (s *storeStage) save(ctx context.Context, r *bus.Reader[*event.Block]) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return r.Save(ctx)
}

// retried calls try with a growing pause until it succeeds; it returns an error
// only when ctx ends. The first failure and every minute of failing are told.
func retried[T any](ctx context.Context, log *slog.Logger, what string, try func() (T, error)) (T, error) {
	pause, told := 100*time.Millisecond, time.Time{}
	for {
		v, err := try()
		if err == nil {
			if !told.IsZero() {
				log.Info(what + ": goes on")
			}
			return v, nil
		}
		if ctx.Err() != nil {
			return v, errors.Join(err, ctx.Err())
		}
		if time.Since(told) > time.Minute {
			told = time.Now()
			log.Warn(what+": fails; trying again", "err", err)
		}
		select {
		case <-ctx.Done():
			return v, ctx.Err()
		case <-time.After(pause):
			pause = min(2*pause, 5*time.Second)
		}
	}
}
