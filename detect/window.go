package detect

import (
	"cmp"
	"container/heap"
	"slices"
	"strconv"
)

// groups are the groups of one correlation, and the order in which they were last
// touched: what makes room is the oldest.
type groups struct {
	byKey       map[string]*window
	first, last *window // least, most recently touched
	bare        *window // it and all before it hold no texts; nil: not known of any
}

// window is one group: its events in the order of their time (of arrival among
// equals).
type window struct {
	key        string
	group      []string // values, in the order of group-by
	entries    []entry
	evidence   int    // entries that hold texts
	newest     int64  // time of the newest entry
	touched    int64  // the engine's mark when it was touched
	fired      bool   // an alert was raised at firedAt
	firedAt    int64  // it is armed again a timespan later
	alert      string // id of that alert
	due        int64  // when the tumbling window ends, of conditions known only then; 0 none
	opened     int64  // when it began
	timer      int    // place in Engine.timers, while due is set
	prev, next *window
}

// entry is a matched event, or the result of an inner correlation.
type entry struct {
	at     int64
	weight int // events it stands for
	input  int
	value  string // what value_count counts
	number float64
	origin string // the block's identity; of an inner result the id of its first event
	index  int    // in the block; -1 for an inner result
	packed []byte // what alerts show of it: see unpackEvents; nil: nothing
}

func (x *entry) id() string {
	if x.index < 0 {
		return x.origin
	}
	return x.origin + "/" + strconv.Itoa(x.index)
}

func (g *groups) touch(w *window) {
	if g.last == w {
		if g.bare == w {
			g.bare = w.prev
		}
		return
	}
	g.unlink(w)
	w.prev = g.last
	if g.last != nil {
		g.last.next = w
	} else {
		g.first = w
	}
	g.last = w
}

// clothed returns the oldest group that holds texts, nil when none does.
func (g *groups) clothed() *window {
	w := g.first
	if g.bare != nil {
		w = g.bare.next
	}
	for ; w != nil && w.evidence == 0; w = w.next {
		g.bare = w
	}
	return w
}

func (g *groups) unlink(w *window) {
	if g.bare == w {
		g.bare = w.prev
	}
	if w.prev != nil {
		w.prev.next = w.next
	} else if g.first == w {
		g.first = w.next
	}
	if w.next != nil {
		w.next.prev = w.prev
	} else if g.last == w {
		g.last = w.prev
	}
	w.prev, w.next = nil, nil
}

// place is where an entry of that time belongs; events mostly come in order.
func (w *window) place(of int64) int {
	at := len(w.entries)
	for at > 0 && w.entries[at-1].at > of {
		at--
	}
	return at
}

// insert puts an entry in its place.
func (w *window) insert(at int, x entry) {
	if len(w.entries) == 0 {
		w.newest = x.at
	}
	w.entries = slices.Insert(w.entries, at, x)
	w.newest = max(w.newest, x.at)
}

// ends tells whether the entry before a place is the same event, which two listed
// rules match.
func (w *window) ends(at int, x *entry) bool {
	return at > 0 && x.index >= 0 && w.entries[at-1].index == x.index && w.entries[at-1].origin == x.origin
}

// from returns the first entry after the time.
func (w *window) from(after int64) int {
	low, high := 0, len(w.entries)
	if high == 0 || w.entries[0].at > after { // mostly nothing is that old
		return 0
	}
	for low < high {
		if mid := int(uint(low+high) / 2); w.entries[mid].at <= after {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}

// timer is a group whose window ends at a time.
type timer struct {
	due         int64
	correlation int
	w           *window
}

// timers is a heap by time, then correlation and key: the same in every replay.
type timers []timer

func (t timers) Len() int { return len(t) }
func (t timers) Less(i, j int) bool {
	a, b := t[i], t[j]
	c := cmp.Or(cmp.Compare(a.due, b.due), cmp.Compare(a.correlation, b.correlation), cmp.Compare(a.w.key, b.w.key))
	return c < 0
}
func (t timers) Swap(i, j int) {
	t[i], t[j] = t[j], t[i]
	t[i].w.timer, t[j].w.timer = i, j
}

// Push implements heap.Interface.
func (t *timers) Push(x any) {
	one := x.(timer)
	one.w.timer = len(*t)
	*t = append(*t, one)
}

// Pop implements heap.Interface.
func (t *timers) Pop() any {
	last := (*t)[len(*t)-1]
	(*t)[len(*t)-1] = timer{}
	*t = (*t)[:len(*t)-1]
	return last
}

// remove takes a group's timer away.
func (t *timers) remove(w *window) {
	heap.Remove(t, w.timer)
	w.due = 0
}

func (t *timers) push(x timer) { heap.Push(t, x) }
