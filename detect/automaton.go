package detect

import (
	"slices"
)

// automaton finds all literals of a slot in one pass (Aho-Corasick). Bytes are
// mapped to classes first, capitals to the class of their small letter, so ASCII
// text needs no folding. States near the root, where scanning spends its time,
// are rows of a dense table; the others are edges and a failure link, which keeps
// a hundred thousand states in a few megabytes.
type automaton struct {
	class [256]uint8 // 0: a byte that no literal has
	width uint32
	rows  []uint32 // dense states: row*width+class → state, with hasOut
	dense uint32   // states below are dense
	deep  []sparse // states dense+i
	on    []uint8  // classes of the edges beyond a state's first
	to    []uint32 // their states, with hasOut
	out   []uint32 // of a state: first of its outs, 0 none (no state's run starts there)
	next  []uint32 // of a state: the longest proper suffix with outs, 0 none
	outs  []uint32 // literal numbers, each run closed by endOut
	// starts tells for the classes of three bytes whether a literal can begin with
	// them: where none can, scanning need not touch the states. Nil when a literal
	// is one byte long.
	starts *[startWords]uint64
	first  uint32 // states 1 to first are one byte deep
}

// startWords is the size of the table of beginnings: 8 KiB, to stay in the cache.
const startWords = 1 << 10

// startBit is the place of three classes in the table of beginnings.
func startBit(a, b, c uint8) (word, bit uint32) {
	h := uint32(a)<<10 ^ uint32(b)<<5 ^ uint32(c)
	return h >> 6 % startWords, h % 64
}

const (
	hasOut = 1 << 31
	endOut = ^uint32(0)
	// denseBudget is how many table cells a slot's dense part may have (4 bytes each).
	denseBudget = 128 << 10
)

// sparse is a state without a row: most have one edge, which is kept at hand.
type sparse struct {
	fail uint32 // where to look when no edge fits
	to   uint32 // of the first edge, with hasOut
	more uint32 // further edges: on[more:more+n]
	n    uint16
	on   uint8 // class of the first edge; 0: no edge (text that has class 0 leads to the root)
}

type trieNode struct {
	kids map[byte]int32
	outs []uint32
}

// newAutomaton builds the automaton of folded, non-empty, distinct literals; scan
// reports their index.
func newAutomaton(literals []string) *automaton {
	a := &automaton{}
	a.classes(literals)
	trie := buildTrie(literals, &a.class)
	order, parents, labels := breadthFirst(trie)
	a.layout(trie, order, parents, labels)
	a.first = uint32(len(trie[0].kids))
	a.begin(literals)
	return a
}

// begin fills the table of beginnings.
func (a *automaton) begin(literals []string) {
	starts := new([startWords]uint64)
	for _, l := range literals {
		switch len(l) {
		case 1:
			return
		case 2:
			for c := range a.width {
				w, bit := startBit(a.class[l[0]], a.class[l[1]], uint8(c))
				starts[w] |= 1 << bit
			}
		default:
			w, bit := startBit(a.class[l[0]], a.class[l[1]], a.class[l[2]])
			starts[w] |= 1 << bit
		}
	}
	a.starts = starts
}

// skip returns the first place from i where a literal can begin; the last two are
// not looked at.
func (a *automaton) skip(text []byte, i int) int {
	if a.starts == nil {
		return i
	}
	for ; i+2 < len(text); i++ {
		w, bit := startBit(a.class[text[i]], a.class[text[i+1]], a.class[text[i+2]])
		if a.starts[w]>>bit&1 != 0 {
			break
		}
	}
	return i
}

func (a *automaton) classes(literals []string) {
	var seen [256]bool
	for _, l := range literals {
		for i := range len(l) {
			seen[l[i]] = true
		}
	}
	n := 1 // at most 231: folded literals hold no capitals
	for c := range 256 {
		if seen[c] {
			a.class[c] = uint8(n)
			n++
		}
	}
	for c := 'A'; c <= 'Z'; c++ {
		a.class[c] = a.class[c+'a'-'A']
	}
	a.width = uint32(n)
}

func buildTrie(literals []string, class *[256]uint8) []trieNode {
	trie := []trieNode{{}}
	for n, l := range literals {
		at := int32(0)
		for i := range len(l) {
			c := class[l[i]]
			if trie[at].kids == nil {
				trie[at].kids = make(map[byte]int32, 1)
			}
			kid, ok := trie[at].kids[c]
			if !ok {
				kid = int32(len(trie))
				trie = append(trie, trieNode{})
				trie[at].kids[c] = kid
			}
			at = kid
		}
		trie[at].outs = append(trie[at].outs, uint32(n))
	}
	return trie
}

// breadthFirst returns the nodes by depth, each with the place of its parent in
// that order and the class that leads to it.
func breadthFirst(trie []trieNode) (order, parents []int32, labels []uint8) {
	order, parents, labels = []int32{0}, []int32{0}, []uint8{0}
	for at := 0; at < len(order); at++ {
		kids := trie[order[at]].kids
		for _, c := range sortedKeys(kids) {
			order = append(order, kids[c])
			parents = append(parents, int32(at))
			labels = append(labels, c)
		}
	}
	return order, parents, labels
}

func sortedKeys(m map[byte]int32) []byte {
	keys := make([]byte, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func (a *automaton) layout(trie []trieNode, order, parents []int32, labels []uint8) {
	n := len(order)
	a.dense = uint32(min(n, max(1, denseBudget/int(a.width))))
	a.out, a.next, a.outs = make([]uint32, n), make([]uint32, n), []uint32{endOut}
	links := make([]uint32, n)
	kids := make([]map[uint8]uint32, n) // by state number: BFS order
	for s := 1; s < n; s++ {
		p := parents[s]
		if kids[p] == nil {
			kids[p] = make(map[uint8]uint32, 1)
		}
		kids[p][labels[s]] = uint32(s)
	}
	for s := 0; s < n; s++ {
		if s > 0 && parents[s] != 0 {
			links[s] = follow(kids, links, links[parents[s]], labels[s])
		}
		if outs := trie[order[s]].outs; len(outs) > 0 {
			a.out[s] = uint32(len(a.outs))
			a.outs = append(append(a.outs, outs...), endOut)
		}
		if l := links[s]; a.out[l] != 0 {
			a.next[s] = l
		} else {
			a.next[s] = a.next[l]
		}
	}
	a.fill(kids, links)
}

// follow returns the state after class c in state s, along failure links.
func follow(kids []map[uint8]uint32, links []uint32, s uint32, c uint8) uint32 {
	for {
		if to, ok := kids[s][c]; ok {
			return to
		}
		if s == 0 {
			return 0
		}
		s = links[s]
	}
}

func (a *automaton) fill(kids []map[uint8]uint32, links []uint32) {
	a.rows = make([]uint32, a.dense*a.width)
	for s := range a.dense {
		row := a.rows[s*a.width : (s+1)*a.width]
		if s > 0 {
			copy(row, a.rows[links[s]*a.width:(links[s]+1)*a.width])
		}
		for c, to := range kids[s] {
			row[c] = a.mark(to)
		}
	}
	for s := a.dense; s < uint32(len(links)); s++ {
		d := sparse{fail: links[s], more: uint32(len(a.on))}
		for c := range a.width {
			to, ok := kids[s][uint8(c)]
			switch {
			case !ok:
			case d.on == 0:
				d.on, d.to = uint8(c), a.mark(to)
			default:
				a.on, a.to = append(a.on, uint8(c)), append(a.to, a.mark(to))
				d.n++
			}
		}
		a.deep = append(a.deep, d)
	}
}

func (a *automaton) mark(s uint32) uint32 {
	if a.out[s] != 0 || a.next[s] != 0 {
		return s | hasOut
	}
	return s
}

// step returns the state after class c in state s.
func (a *automaton) step(s uint32, c uint8) uint32 {
	if c == 0 {
		return 0
	}
	for s >= a.dense {
		d := &a.deep[s-a.dense]
		if d.on == c {
			return d.to
		}
		for e := d.more; e < d.more+uint32(d.n); e++ {
			if a.on[e] == c {
				return a.to[e]
			}
		}
		s = d.fail
	}
	return a.rows[s*a.width+uint32(c)]
}

// finds tells whether any literal occurs. Text is ASCII in any case, or folded.
func (a *automaton) finds(text []byte) bool {
	s := uint32(0)
	for _, b := range text {
		if s = a.step(s, a.class[b]); s&hasOut != 0 {
			return true
		}
	}
	return false
}
