package run

import (
	"context"
	"time"

	"yagura/internal/bus"
	"yagura/internal/event"
	"yagura/internal/store"
)

// Grouping of blocks to inserts.
const (
	groupRows  = 100_000
	groupBytes = 64 << 20 // of the blocks before packing; below store.MaxBytes
	groupWait  = time.Second
	againWait  = 10 * time.Second // for a group that is made again: all of it is on the bus
)

// group is the blocks of one insert, in the stream's order.
type group struct {
	list        []*bus.Delivery[*event.Block]
	rows, bytes int
}

func (g *group) add(d *bus.Delivery[*event.Block]) {
	g.list = append(g.list, d)
	g.rows += d.Value.Len()
	g.bytes += d.Value.Size()
}

func (g *group) first() uint64 { return g.list[0].Seq }
func (g *group) last() uint64  { return g.list[len(g.list)-1].Seq }
func (g *group) full() bool    { return g.rows >= groupRows || g.bytes >= groupBytes }

// takes tells whether a block may join: the next one, of the same day, within the
// bounds. A group that was begun before a kill (before) is made again just so.
func (g *group) takes(d *bus.Delivery[*event.Block], before borders) bool {
	if d.Seq != g.last()+1 || store.Day(g.list[0].Value) != store.Day(d.Value) {
		return false
	}
	switch {
	case g.first() == before.First && g.last() < before.Last:
		return true
	case g.first() < before.First && d.Seq >= before.First:
		return false
	}
	return g.rows+d.Value.Len() <= groupRows && g.bytes+d.Value.Size() <= groupBytes
}

// complete tells that nothing more need be waited for.
func (g *group) complete(before borders) bool {
	if g.first() == before.First && g.last() <= before.Last {
		return g.last() == before.Last
	}
	return g.full()
}

// gather takes consecutive blocks up to the bounds, groupWait or the end of the
// day. It returns an empty group when none comes within groupWait.
func (s *storeStage) gather(ctx context.Context, r *bus.Reader[*event.Block]) (g group, err error) {
	deadline := time.Now().Add(groupWait)
	for {
		d := s.held
		s.held = nil
		if d == nil {
			if d, err = nextBy(ctx, r, deadline); d == nil {
				return g, err
			}
		}
		if len(g.list) == 0 {
			deadline = time.Now().Add(groupWait)
			if d.Seq == s.borders.First {
				deadline = time.Now().Add(againWait)
			}
		} else if !g.takes(d, s.borders) {
			s.held = d
			return g, nil
		}
		g.add(d)
		if g.complete(s.borders) {
			return g, nil
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
