package agent

import "sync"

// seats bounds the requests that are worked on at once, of all senders and of one.
type seats struct {
	all, each int

	mu    sync.Mutex
	taken map[string]int
	sum   int
}

func newSeats(all, each int) *seats {
	return &seats{all: all, each: each, taken: map[string]int{}}
}

// take gives a seat until leave is called, or errCrowded.
func (s *seats) take(sender string) (leave func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sum >= s.all || s.taken[sender] >= s.each {
		return nil, errCrowded
	}
	s.sum++
	s.taken[sender]++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.sum--
		if s.taken[sender]--; s.taken[sender] == 0 {
			delete(s.taken, sender)
		}
	}, nil
}

// budget bounds the bytes of all bodies held at once.
type budget struct {
	mu   sync.Mutex
	free int
}

// take takes n bytes; false: there are not so many.
func (b *budget) take(n int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if n > b.free {
		return false
	}
	b.free -= n
	return true
}

func (b *budget) give(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.free += n
}
