package detect

import (
	"slices"

	"yagura/detect/sigma"
	"yagura/internal/event"
)

// prune drops the first n entries and returns how many of them stood before at.
func (e *Engine) prune(w *window, n, at int) int {
	for i := range w.entries[:n] {
		e.strip(w, i)
	}
	clear(w.entries[:n])
	w.entries = w.entries[n:]
	return min(n, at)
}

// wantsText tells whether a group keeps what its next event said: an alert shows
// the first ones, and the one that raises it.
func (w *window) wantsText() bool { return w.evidence < event.MaxAlertEvents-1 }

// charge books an entry's text. When there is too much altogether, the groups that
// were touched longest ago lose theirs.
func (e *Engine) charge(g *groups, w *window, at int) {
	size := len(w.entries[at].packed)
	if size == 0 {
		return
	}
	for e.evidence+size > e.cfg.MaxEvidence {
		e.stats.EvidenceDropped++
		old := g.clothed()
		if old == nil || old == w {
			w.entries[at].packed = nil
			return
		}
		for i := range old.entries {
			e.strip(old, i)
		}
	}
	e.evidence += size
	w.evidence++
}

// strip takes an entry's text away.
func (e *Engine) strip(w *window, i int) {
	if n := len(w.entries[i].packed); n > 0 {
		e.evidence -= n
		w.entries[i].packed = nil
		w.evidence--
	}
}

// dropBetween forgets what no window needs: of three entries of one value (one
// rule, for temporal) within a timespan, the middle one decides nothing.
func (e *Engine) dropBetween(c *correlation, w *window, at int) int {
	if c.src.Type != sigma.ValueCount && c.src.Type != sigma.Temporal {
		return at
	}
	x, middle := &w.entries[at], -1
	for i := at - 1; i >= 0 && x.at-w.entries[i].at <= c.span; i-- {
		if y := &w.entries[i]; y.input != x.input && c.src.Type == sigma.Temporal || y.value != x.value {
			continue
		}
		if middle < 0 {
			middle = i
			continue
		}
		x.weight += w.entries[middle].weight
		e.strip(w, middle)
		w.entries = slices.Delete(w.entries, middle, middle+1)
		return at - 1
	}
	return at
}

// compact keeps a group within its bound: neighbours that are alike are merged in
// pairs, the older time wins; where nothing is alike the oldest go.
func (e *Engine) compact(c *correlation, w *window, at int) int {
	limit := c.keep
	if limit == 0 || limit > e.cfg.MaxEntries {
		limit = max(e.cfg.MaxEntries, c.need)
	}
	if len(w.entries) <= limit {
		return at
	}
	kept, moved := 0, at
	for i := 0; i < len(w.entries); i++ {
		if i == at {
			moved = kept
		}
		w.entries[kept] = w.entries[i]
		x := &w.entries[kept]
		kept++
		if i+1 == len(w.entries) || i == at || i+1 == at || !sameKind(c, x, &w.entries[i+1]) {
			continue
		}
		e.strip(w, i+1)
		x.weight += w.entries[i+1].weight
		x.number += w.entries[i+1].number
		e.stats.Merged++
		i++
	}
	clear(w.entries[kept:])
	w.entries = w.entries[:kept]
	over := min(max(kept-limit, 0), moved)
	e.stats.Merged += uint64(over)
	return moved - e.prune(w, over, moved)
}

// sameKind tells whether two neighbours may become one entry.
func sameKind(c *correlation, a, b *entry) bool {
	switch c.src.Type {
	case sigma.ValueAvg, sigma.ValuePercentile, sigma.ValueMedian:
		return false
	}
	return a.input == b.input && a.value == b.value
}
