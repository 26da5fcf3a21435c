package console

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"yagura/internal/event"
)

// Bounds of the overview.
const (
	quiet        = 10 * time.Minute // nothing heard for so long: no data
	silentSource = 15 * time.Minute // a source that says nothing for so long is listed
	shownSources = 50               // rows of the books
	shownSilent  = 20
	shownLatest  = 8               // incidents
	panelTime    = 4 * time.Second // a store that hangs must not hide the findings
)

// overviewView is what the first page shows. Every part stands alone: one that
// cannot be read says so and hides none of the others.
type overviewView struct {
	State     string // ok, warn, critical, nodata, unknown
	Last      time.Time
	LastAge   time.Duration
	Ever      bool // something has been heard
	Findings  []Finding
	Stages    []Stage
	Books     booksView
	Minutes   chart
	Silent    []silentView
	Sources   int // known in the last 30 days
	SourceErr error
	Incidents incidentsSummary
	Alerts    alertsToday
}

func (c *Console) overview(w http.ResponseWriter, r *http.Request) {
	p := c.speechOf(w, r)
	now := time.Now()
	var v overviewView
	report := c.health.get(r.Context())
	v.Stages, v.Last = report.Stages, report.LastEvent
	v.Findings = harmful(report.Findings)
	var all sync.WaitGroup
	all.Go(func() { v.Books = c.books(r.Context()) })
	all.Go(func() { v.Minutes = c.minutes(r.Context(), now) })
	all.Go(func() { v.Incidents = c.summary(r.Context()) })
	all.Go(func() { v.Alerts = c.alertsToday(r.Context(), now) })
	var heard time.Time
	all.Go(func() { heard = c.readSources(r.Context(), &v) })
	all.Wait()
	if heard.After(v.Last) {
		v.Last = heard
	}
	v.Ever, v.LastAge = !v.Last.IsZero(), now.Sub(v.Last)
	v.State = state(v, report.worst())
	c.draw(w, r, p, http.StatusOK, frame{Page: "overview", Title: p.say("overview"), Refresh: 30, Content: v})
}

// state says in one word whether somebody watches.
func state(v overviewView, worst Level) string {
	switch {
	case !v.Ever && v.SourceErr != nil && worst == Critical:
		return "critical"
	case !v.Ever && v.SourceErr != nil:
		return "unknown"
	case !v.Ever || v.LastAge > quiet:
		return "nodata"
	case worst == Critical:
		return "critical"
	case worst == Warning:
		return "warn"
	}
	return "ok"
}

// harmful leaves out what is well, most harmful first.
func harmful(all []Finding) []Finding {
	list := slices.DeleteFunc(slices.Clone(all), func(f Finding) bool { return f.Level != Warning && f.Level != Critical })
	slices.SortStableFunc(list, func(a, b Finding) int { return cmp.Compare(a.Level, b.Level) }) // critical < warning
	return list
}

// canned asks one of the questions under sql/.
func (c *Console) canned(ctx context.Context, name string, since time.Time, limit int) result {
	text, err := files.ReadFile("sql/" + name + ".sql")
	if err != nil {
		return result{Err: err}
	}
	q := Question{Text: string(text), Limit: limit}
	if !since.IsZero() {
		q.Params = map[string]string{"since": strconv.FormatInt(since.UnixMicro(), 10)}
	}
	return c.gather(ctx, q, panelTime)
}

// booksView are the books of the last hour; Sum is over all rows read.
type booksView struct {
	Rows []bookRow
	Sum  bookRow
	More bool
	Err  error
}

type bookRow struct {
	Listener, Peer                                     string
	Received, Accepted, Refused, Stored, Dead, Pending int64
}

func (c *Console) books(ctx context.Context) (v booksView) {
	x := c.canned(ctx, "books", time.Time{}, 10_000)
	v.Err = x.Err
	for _, r := range x.Rows {
		if len(r) < 8 {
			continue
		}
		b := bookRow{text(r[0]), text(r[1]), whole(r[2]), whole(r[3]), whole(r[4]), whole(r[5]), whole(r[6]), whole(r[7])}
		v.Sum.Received += b.Received
		v.Sum.Accepted += b.Accepted
		v.Sum.Refused += b.Refused
		v.Sum.Stored += b.Stored
		v.Sum.Dead += b.Dead
		v.Sum.Pending += b.Pending
		if len(v.Rows) < shownSources {
			v.Rows = append(v.Rows, b)
		} else {
			v.More = true
		}
	}
	return v
}

func (c *Console) minutes(ctx context.Context, now time.Time) chart {
	since := now.Add(-time.Hour).Truncate(time.Minute)
	x := c.canned(ctx, "minutes", since, 100)
	return c.chartOf(x, span{since, now, time.Minute})
}

// silentView is a source that says nothing.
type silentView struct {
	Peer, Listener, Parser string
	Seen                   time.Time
	Age                    time.Duration
}

func (c *Console) readSources(ctx context.Context, v *overviewView) (heard time.Time) {
	x := c.canned(ctx, "sources", time.Time{}, 10_000)
	v.SourceErr, v.Sources = x.Err, len(x.Rows)
	for _, r := range x.Rows {
		if len(r) < 6 {
			continue
		}
		s := silentView{Listener: text(r[0]), Peer: text(r[1]), Seen: rowTime(r[2]), Age: time.Duration(whole(r[3])) * time.Second, Parser: text(r[4])}
		if s.Seen.After(heard) {
			heard = s.Seen
		}
		if s.Age >= silentSource {
			v.Silent = append(v.Silent, s)
		}
	}
	return heard
}

// incidentsSummary is what needs a person.
type incidentsSummary struct {
	Latest []event.Incident // open and acknowledged: by level, then newest first
	Open   int
	Taken  int // acknowledged
	Err    error
}

func (c *Console) summary(ctx context.Context) (v incidentsSummary) {
	if c.deps.Incidents == nil {
		v.Err = errAbsent
		return v
	}
	open, err := c.deps.Incidents.List(ctx, event.StatusOpen)
	if err != nil {
		v.Err = err
		return v
	}
	taken, err := c.deps.Incidents.List(ctx, event.StatusAcknowledged)
	v.Open, v.Taken, v.Err = len(open), len(taken), err
	v.Latest = append(open, taken...)
	slices.SortStableFunc(v.Latest, func(a, b event.Incident) int {
		return cmp.Or(cmp.Compare(b.Level, a.Level), cmp.Compare(b.Status, a.Status), b.Opened.Compare(a.Opened)) // open > acknowledged
	})
	v.Latest = v.Latest[:min(len(v.Latest), shownLatest)]
	return v
}

// alertsToday counts since midnight in the console's zone.
type alertsToday struct {
	Levels  []levelCount // critical first
	Classes []classCount
	Total   int64
	Err     error
}

type levelCount struct {
	Level string
	Count int64
}

type classCount struct {
	Class string
	Count int64
}

func (c *Console) alertsToday(ctx context.Context, now time.Time) (v alertsToday) {
	y, m, d := now.In(c.config.Zone).Date()
	x := c.canned(ctx, "alerts", time.Date(y, m, d, 0, 0, 0, 0, c.config.Zone), 100)
	v.Err = x.Err
	levels, classes := map[string]int64{}, map[string]int64{}
	for _, r := range x.Rows {
		if len(r) < 3 {
			continue
		}
		n := whole(r[2])
		levels[text(r[0])] += n
		classes[text(r[1])] += n
		v.Total += n
	}
	for l := event.Critical; ; l-- {
		if l != event.Informational || levels[l.String()] > 0 {
			v.Levels = append(v.Levels, levelCount{l.String(), levels[l.String()]})
		}
		if l == event.Informational {
			break
		}
	}
	for _, class := range []string{event.ClassUnauthorizedAccess, event.ClassAbnormalOutbound, event.ClassPolicyViolation} {
		v.Classes = append(v.Classes, classCount{class, classes[class]})
	}
	return v
}
