package store

// grouping numbers the distinct combinations of some columns, as GROUP BY does.
// Its memory is kept between uses; the zero value is ready.
type grouping struct {
	of    []uint32 // group of each row
	first []int    // the first row of each group
	slots []uint32 // hash table: group + 1; 0 is empty
}

// group looks at rows of the columns, which must be at least that long.
func (g *grouping) group(rows int, columns [][]uint32) {
	g.of, g.first = g.of[:0], g.first[:0]
	if len(g.slots) == 0 {
		g.slots = make([]uint32, 1024)
	}
	clear(g.slots)
	for row := range rows {
		g.of = append(g.of, g.find(row, columns))
		if 2*len(g.first) > len(g.slots) {
			g.grow(columns)
		}
	}
}

// find returns the group of a row and opens one when there is none.
func (g *grouping) find(row int, columns [][]uint32) uint32 {
	for at := rowHash(row, columns); ; at++ {
		slot := &g.slots[at&uint64(len(g.slots)-1)]
		if *slot == 0 {
			g.first = append(g.first, row)
			*slot = uint32(len(g.first))
		}
		if sameRow(g.first[*slot-1], row, columns) {
			return *slot - 1
		}
	}
}

func (g *grouping) grow(columns [][]uint32) {
	g.slots = make([]uint32, 4*len(g.slots))
	for i, row := range g.first {
		at := rowHash(row, columns)
		for g.slots[at&uint64(len(g.slots)-1)] != 0 {
			at++
		}
		g.slots[at&uint64(len(g.slots)-1)] = uint32(i + 1)
	}
}

func rowHash(row int, columns [][]uint32) uint64 {
	h := uint64(0)
	for _, c := range columns {
		h = (h ^ uint64(c[row])) * 0x9E3779B97F4A7C15
		h ^= h >> 29
	}
	return h
}

func sameRow(a, b int, columns [][]uint32) bool {
	for _, c := range columns {
		if c[a] != c[b] {
			return false
		}
	}
	return true
}
