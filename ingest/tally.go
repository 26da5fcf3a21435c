package ingest

import (
	"cmp"
	"slices"
	"time"

	"yagura/internal/event"
)

// maxTallied bounds the sources that are counted apart between two blocks; what
// comes on top is booked under an empty peer of its listener.
const maxTallied = 4096

// tallies gathers changes of the books until a block takes them along.
type tallies struct {
	list  map[event.Source]*event.Tally
	first time.Time
}

func (t *tallies) add(c event.Tally) {
	if t.list == nil {
		t.list = map[event.Source]*event.Tally{}
	}
	if len(t.list) == 0 {
		t.first = time.Now()
	}
	if t.list[c.Source] == nil && len(t.list) >= maxTallied {
		c.Source.Peer = ""
	}
	sum := t.list[c.Source]
	if sum == nil {
		t.list[c.Source] = &c
		return
	}
	sum.Received += c.Received
	for i, n := range c.Refused {
		sum.Refused[i] += n
	}
}

func (t *tallies) pending() bool    { return len(t.list) > 0 }
func (t *tallies) since() time.Time { return t.first }

// drain moves all changes into the block, in a fixed order.
func (t *tallies) drain(b *event.Builder) {
	if len(t.list) == 0 {
		return
	}
	all := make([]event.Tally, 0, len(t.list))
	for _, c := range t.list {
		all = append(all, *c)
	}
	slices.SortFunc(all, func(a, b event.Tally) int {
		return cmp.Or(cmp.Compare(a.Source.Listener, b.Source.Listener), cmp.Compare(a.Source.Peer, b.Source.Peer))
	})
	for _, c := range all {
		b.Tally(c)
	}
	clear(t.list)
}
