package detect

// shapes says which lengths and which ends the exact values of a slot have, so that
// most other values are known as such without folding and hashing them.
type shapes struct {
	lengths     [4]uint64 // bit set; longer texts count as 255
	first, last [256]bool // folded bytes
}

func (s *shapes) add(folded string) {
	n := min(len(folded), 255)
	s.lengths[n/64] |= 1 << (n % 64)
	if len(folded) > 0 {
		s.first[folded[0]], s.last[folded[len(folded)-1]] = true, true
	}
}

// may reports whether an ASCII text in any case may be one of the values. False is
// certain.
func (s *shapes) may(v []byte) bool {
	n := min(len(v), 255)
	if s.lengths[n/64]>>(n%64)&1 == 0 {
		return false
	}
	return len(v) == 0 || s.first[asciiFold[v[0]]] && s.last[asciiFold[v[len(v)-1]]]
}
