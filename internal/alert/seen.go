package alert

import (
	"crypto/sha256"
	"encoding/hex"
)

// seenSet remembers the newest alert ids: a ring and an index, sixteen bytes an
// id. Past its bound the oldest id is forgotten.
type seenSet struct {
	index map[[16]byte]bool
	ring  [][16]byte
	next  int
	bound int
}

func newSeenSet(bound int) seenSet {
	return seenSet{index: map[[16]byte]bool{}, bound: bound}
}

// compactID packs an id: an event.AlertID is sixteen bytes in hexadecimal, any
// other text is hashed.
func compactID(id string) (key [16]byte) {
	if len(id) == 2*len(key) {
		if _, err := hex.Decode(key[:], []byte(id)); err == nil {
			return key
		}
	}
	sum := sha256.Sum256([]byte(id))
	copy(key[:], sum[:])
	return key
}

func (s *seenSet) has(id string) bool { return s.index[compactID(id)] }

// add reports whether the id is new.
func (s *seenSet) add(id string) bool {
	key := compactID(id)
	if s.index[key] {
		return false
	}
	s.index[key] = true
	if len(s.ring) < s.bound {
		s.ring = append(s.ring, key)
		return true
	}
	delete(s.index, s.ring[s.next])
	s.ring[s.next] = key
	s.next = (s.next + 1) % s.bound
	return true
}

// list returns the ids, oldest first, in hexadecimal.
func (s *seenSet) list() []string {
	ids := make([]string, 0, len(s.ring))
	for i := range s.ring {
		key := s.ring[(s.next+i)%len(s.ring)]
		ids = append(ids, hex.EncodeToString(key[:]))
	}
	return ids
}
