package parse

import "time"

// calm is a span in which a zone's offset does not change: most of the year, and
// always where there is no summer time. Its zero value knows none.
type calm struct {
	zone     *time.Location
	from, to int64 // Unix seconds
}

// nearChange is how far from a change of the clocks a written time may be meant
// twice, or not at all.
const nearChange = 26 * 60 * 60 // seconds

// settle chooses what a time as written means when clocks were put back (it was
// written twice) or forward (it never was): the instant that is nearer to receipt.
// time.Date promises neither.
func (c *calm) settle(s *stamp, year int, received time.Time, zone *time.Location) time.Time {
	t := s.in(year, zone)
	at := t.Unix()
	if zone == time.UTC || c.zone == zone && at >= c.from && at < c.to {
		return t
	}
	start, end := t.ZoneBounds()
	from, to := int64(-1<<62), int64(1<<62)
	if !start.IsZero() {
		from = start.Unix() + nearChange
	}
	if !end.IsZero() {
		to = end.Unix() - nearChange
	}
	if at >= from && at < to {
		*c = calm{zone, from, to}
		return t
	}
	change := start
	if at >= to {
		change = end
	}
	return settleAt(change, s.in(year, time.UTC), received)
}

// settleAt is settle beside one change of the clocks; wall is the time as written,
// as if it were UTC.
func settleAt(change, wall, received time.Time) time.Time {
	_, before := change.Add(-time.Second).Zone()
	_, after := change.Zone()
	old, young := wall.Add(-time.Duration(before)*time.Second), wall.Add(-time.Duration(after)*time.Second)
	if was, is := old.Before(change), !young.Before(change); was != is { // one of them was written
		if was {
			return old
		}
		return young
	}
	if distance(old, received) <= distance(young, received) {
		return old
	}
	return young
}

func distance(a, b time.Time) time.Duration { return a.Sub(b).Abs() }
