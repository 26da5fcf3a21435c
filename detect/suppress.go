package detect

import "container/list"

// suppressions remembers which rule and group have alerted lately. The order is
// that of arrival, so what makes room is the oldest.
type suppressions struct {
	byKey map[string]*list.Element
	order *list.List // of *suppression, oldest first
}

type suppression struct {
	key   string
	at    int64 // window time of the alert
	span  int64
	alert string // its id
	count int    // matches since
}

func newSuppressions() suppressions {
	return suppressions{byKey: map[string]*list.Element{}, order: list.New()}
}

// active returns the suppression that covers the time, nil when there is none.
func (s *suppressions) active(key []byte, at int64) *suppression {
	el, ok := s.byKey[string(key)]
	if !ok {
		return nil
	}
	sup := el.Value.(*suppression)
	if d := at - sup.at; d >= sup.span || d <= -sup.span {
		return nil
	}
	return sup
}

// start begins a suppression and returns how many others had to make room.
func (s *suppressions) start(sup *suppression, limit int) (evicted int) {
	if el, ok := s.byKey[sup.key]; ok {
		s.order.Remove(el)
	}
	s.byKey[sup.key] = s.order.PushBack(sup)
	for len(s.byKey) > limit {
		s.drop(s.order.Front())
		evicted++
	}
	return evicted
}

// forget drops up to two that ended long before the newest time: memory only.
func (s *suppressions) forget(mark, lateness int64) {
	for range 2 {
		el := s.order.Front()
		if el == nil {
			return
		}
		if sup := el.Value.(*suppression); mark-sup.at <= 2*sup.span+lateness {
			return
		}
		s.drop(el)
	}
}

func (s *suppressions) drop(el *list.Element) {
	delete(s.byKey, el.Value.(*suppression).key)
	s.order.Remove(el)
}
