package agent

import (
	"crypto/sha256"
	"io"
	"sync"
)

// maxSeen bounds the ids of documents that are remembered: two halves, of which the
// older one goes when the newer one is full.
const maxSeen = 64 << 10

// docID is a hash of sender, index and id.
type docID [16]byte

func docIDOf(peer string, item bulkItem) (id docID) {
	if item.id == "" {
		return id
	}
	h := sha256.New()
	for _, s := range []string{peer, item.index, item.id} {
		_, _ = io.WriteString(h, s+"\x00") // a hash takes everything
	}
	copy(id[:], h.Sum(nil))
	return id
}

// seen remembers the ids of documents that were taken, so that one which is created
// again is answered with 409, as Elasticsearch does: that a bulk was resent is known
// as far back as maxSeen documents with ids of the sender's own, and not beyond a
// start. Documents without ids come as often as they are sent.
type seen struct {
	mu         sync.Mutex
	young, old map[docID]struct{}
}

func newSeen() *seen { return &seen{young: map[docID]struct{}{}} }

func (s *seen) has(id docID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, young := s.young[id]
	_, old := s.old[id]
	return young || old
}

func (s *seen) add(ids []docID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		if len(s.young) >= maxSeen/2 {
			s.old, s.young = s.young, map[docID]struct{}{}
		}
		s.young[id] = struct{}{}
	}
}
