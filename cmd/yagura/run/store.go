package run

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"yagura/internal/bus"
	"yagura/internal/event"
	"yagura/internal/store"
)

// inserter is the store's writer of one stream.
type inserter interface {
	Insert(ctx context.Context, g store.Group) error
	Watermark(ctx context.Context) (uint64, error)
	Skip(ctx context.Context, first, last uint64) error // the bus holds these no more
	Reconcile(ctx context.Context, since time.Time) error
}

// storeStage groups blocks, joins them with verdicts and inserts them, each group
// exactly once.
type storeStage struct {
	bus      *bus.Bus
	open     func(origin string) (inserter, error) // the writer of a life of the events stream
	patience time.Duration                         // how long to wait for detect
	borders  borders                               // of the insert in flight
	log      *slog.Logger
	done     progress
	trouble  trouble // with the insert in flight

	writer inserter
	origin string // of writer
	desk   *verdictDesk
	held   *bus.Delivery[*event.Block] // read, and left for the next group
	save   saver
}

// errBehind means that the store holds less than it had confirmed.
var errBehind = errors.New("stored blocks are gone")

func (s *storeStage) run(ctx context.Context) error {
	s.save = saver{log: s.log, what: "store: save the cursor"}
	for {
		start, err := retried(ctx, s.log, "store: find where to go on", func() (start, error) { return s.resume(ctx) })
		if err != nil {
			return nil // only the end of ctx
		}
		if err := s.follow(ctx, start); !errors.Is(err, errBehind) {
			return endsWith(ctx, err)
		}
		s.log.Error("store: blocks that had been stored are gone; what the bus still holds of them is stored again")
	}
}

// start is where the stage goes on.
type start struct {
	stored   uint64 // blocks up to here are stored
	verdicts uint64 // where to read verdicts from; 0: where reading them stopped
}

// resume asks the store how far it is.
func (s *storeStage) resume(ctx context.Context) (at start, err error) {
	if err := s.openWriter(); err != nil {
		return at, err
	}
	if at.stored, err = s.writer.Watermark(ctx); err != nil {
		return at, err
	}
	last, err := s.bus.Last(ctx, bus.Events)
	if err != nil {
		return at, err
	}
	if at.stored > last {
		s.log.Error("store: more is stored than the bus has given out: the bus is an older copy; its sequences get another origin", "stored", at.stored, "bus", last)
		if err := s.bus.NewOrigin(ctx); err != nil {
			return at, err
		}
		if err := s.openWriter(); err != nil {
			return at, err
		}
		at.stored = 0
	}
	confirmed, err := s.bus.Confirmed(ctx, bus.Events, "store")
	if err != nil {
		return at, err
	}
	if at.stored < confirmed {
		s.log.Warn("store: the store is behind what it had confirmed; storing again what the bus still holds", "stored", at.stored, "confirmed", confirmed)
		at.verdicts = 1
	}
	return at, nil
}

func (s *storeStage) openWriter() (err error) {
	if origin := s.bus.Origin(); s.writer == nil || s.origin != origin {
		s.writer, err = s.open(origin)
		s.origin = origin
	}
	if s.borders.Origin != s.origin {
		s.borders = borders{path: s.borders.path}
	}
	return err
}

// follow stores what comes, until ctx ends or something is gone.
func (s *storeStage) follow(ctx context.Context, at start) error {
	s.held = nil
	s.done.set(at.stored)
	s.desk = newVerdictDesk(at.stored, s.log)
	r, err := s.bus.Blocks(ctx, "store", at.stored+1)
	if err != nil {
		return err
	}
	defer r.Close()
	work, stop := context.WithCancelCause(ctx)
	beside := newParts()
	beside.start("verdicts", func(ctx context.Context) error { return s.desk.read(ctx, s.bus, at.verdicts) })
	beside.start("check", s.check)
	defer beside.stopAll()
	defer context.AfterFunc(beside.fault, func() { stop(beside.err()) })()
	defer stop(nil)
	for work.Err() == nil {
		if err := s.step(work, r); err != nil {
			return err
		}
	}
	if ctx.Err() != nil {
		return nil
	}
	return context.Cause(work)
}

func (s *storeStage) step(ctx context.Context, r *bus.Reader[*event.Block]) error {
	g, err := s.gather(ctx, r)
	switch {
	case err != nil:
		return err
	case len(g.list) > 0:
		s.insert(ctx, r, g)
	case s.held == nil && ctx.Err() == nil:
		s.pass(ctx, r)
	}
	return nil
}

// insert stores a group, trying until it succeeds or ctx ends, and then commits.
func (s *storeStage) insert(ctx context.Context, r *bus.Reader[*event.Block], g group) {
	rows := store.Group{FirstSeq: g.first(), LastSeq: g.last()}
	for _, d := range g.list {
		rows.Blocks = append(rows.Blocks, store.Block{Seq: d.Seq, Block: d.Value, Verdict: s.desk.get(ctx, question{d.Seq, d.Value.ID.String(), s.patience})})
	}
	if ctx.Err() != nil {
		return // the verdicts may be missing only because of the stop
	}
	what := fmt.Sprintf("the insert of blocks %d to %d", rows.FirstSeq, rows.LastSeq)
	if _, err := retried(ctx, s.log, "store: insert", func() (struct{}, error) { return struct{}{}, s.trouble.note(what, s.store(ctx, rows)) }); err != nil {
		return
	}
	for _, d := range g.list {
		d.Commit()
	}
	s.reached(ctx, r, g.last())
}

// store writes the group's borders down and inserts it, noting what the bus no
// longer holds before it.
func (s *storeStage) store(ctx context.Context, g store.Group) error {
	if err := s.borders.set(s.origin, g.FirstSeq, g.LastSeq); err != nil {
		return err
	}
	if err := s.skip(ctx, g.FirstSeq-1); err != nil {
		return err
	}
	return s.writer.Insert(ctx, g)
}

// skip notes that the bus holds nothing more from where the store is up to last.
func (s *storeStage) skip(ctx context.Context, last uint64) error {
	if done := s.done.get(); done > 0 && last > done {
		return s.writer.Skip(ctx, done+1, last)
	}
	return nil
}

// pass moves on over what the stream holds no block for, when nothing else comes.
func (s *storeStage) pass(ctx context.Context, r *bus.Reader[*event.Block]) {
	floor := r.Floor()
	if floor <= s.done.get() {
		return
	}
	if _, err := retried(ctx, s.log, "store: note a gap", func() (struct{}, error) { return struct{}{}, s.skip(ctx, floor) }); err == nil {
		s.reached(ctx, r, floor)
	}
}

func (s *storeStage) reached(ctx context.Context, r *bus.Reader[*event.Block], seq uint64) {
	s.done.set(seq)
	s.desk.done(seq)
	s.save.try(context.WithoutCancel(ctx), r.Save)
}

// checkEvery is how often the store is compared with itself; checkBack is how far
// back its rollups are counted again.
const (
	checkEvery = time.Hour
	checkBack  = 3 * time.Hour
)

// check counts the rollups again each hour, and looks whether everything that was
// stored is still there.
func (s *storeStage) check(ctx context.Context) error {
	for range ticks(ctx, checkEvery) {
		if err := s.checkNow(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (s *storeStage) checkNow(ctx context.Context) error {
	if err := s.writer.Reconcile(ctx, time.Now().Add(-checkBack)); err != nil && ctx.Err() == nil {
		s.log.Warn("store: the rollups could not be counted again; the next hour tries", "err", err)
	}
	done := s.done.get() // before the watermark, which may move on
	stored, err := s.writer.Watermark(ctx)
	if err != nil {
		if ctx.Err() == nil {
			s.log.Warn("store: it could not be checked that nothing is gone; the next hour tries", "err", err)
		}
		return nil
	}
	if stored < done {
		return errBehind
	}
	return nil
}
