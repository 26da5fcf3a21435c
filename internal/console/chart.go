package console

import (
	"cmp"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Bounds and sizes of a chart, in the units of its view box.
const (
	chartWidth  = 1200
	chartHeight = 120
	chartLeft   = 56 // room for the scale
	chartBottom = 20 // room for the times
	maxGroups   = 6  // with a colour of their own; the rest are one
)

// span is a range of time cut into steps.
type span struct {
	since, until time.Time
	step         time.Duration
}

// steps are the widths of a bar.
var steps = []time.Duration{time.Second, 5 * time.Second, 10 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute,
	30 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour, 7 * 24 * time.Hour, 30 * 24 * time.Hour}

// maxBars bounds the bars of a chart.
const maxBars = 90

// cutInSteps chooses the smallest step that needs at most maxBars.
func cutInSteps(since, until time.Time) span {
	for _, step := range steps {
		if until.Sub(since) <= maxBars*step {
			return span{since, until, step}
		}
	}
	last := steps[len(steps)-1]
	if until.Sub(since) > maxBars*last {
		since = until.Add(-maxBars * last)
	}
	return span{since, until, last}
}

// start is the beginning of the step that holds t, by the wall clock of zone.
func (s span) start(t time.Time, zone *time.Location) time.Time {
	_, offset := t.In(zone).Zone()
	shift := time.Duration(offset) * time.Second
	return time.Unix(0, 0).Add(t.Add(shift).Sub(time.Unix(0, 0)).Truncate(s.step)).Add(-shift)
}

// chart is a drawn series of counts. It is empty when Bars is.
type chart struct {
	Bars   []bar
	Groups []string // names of the classes g0, g1, …; nil when there is one
	Ticks  []tick
	Max    int64
	Total  int64
	Err    error
}

type bar struct {
	X, W  float64
	Title string
	Link  string // "" is none
	Parts []barPart
}

type barPart struct {
	Y, H  float64
	Group int
}

type tick struct {
	X    float64
	Text string
}

// Width, Height, Left and Base are for the template.
func (chart) Width() int  { return chartWidth }
func (chart) Height() int { return chartHeight + chartBottom }
func (chart) Left() int   { return chartLeft }
func (chart) Base() int   { return chartHeight }

// chartOf draws a result whose first column is a time, whose last is a number and
// whose columns between name the group.
func (c *Console) chartOf(x result, s span) chart {
	if x.Err != nil {
		return chart{Err: x.Err}
	}
	begin := s.start(s.since, c.config.Zone)
	n := int(math.Ceil(float64(s.until.Sub(begin)) / float64(s.step)))
	if n < 1 || n > 2*maxBars {
		return chart{}
	}
	counts := make([]map[string]int64, n)
	totals := map[string]int64{}
	for _, row := range x.Rows {
		i := int(rowTime(row[0]).Sub(begin) / s.step)
		if i < 0 || i >= n || rowTime(row[0]).Before(begin) {
			continue
		}
		group := groupName(row[1 : len(row)-1])
		if counts[i] == nil {
			counts[i] = map[string]int64{}
		}
		counts[i][group] += whole(row[len(row)-1])
		totals[group] += whole(row[len(row)-1])
	}
	return c.draft(counts, ranked(totals), begin, s)
}

func groupName(parts []any) string {
	var names []string
	for _, p := range parts {
		names = append(names, strings.TrimSpace(plainText(p)))
	}
	return strings.Join(names, " / ")
}

// ranked orders the groups, greatest first.
func ranked(totals map[string]int64) []string {
	var names []string
	for name := range totals {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(totals[b], totals[a]), cmp.Compare(a, b)) })
	return names
}

func (c *Console) draft(counts []map[string]int64, groups []string, begin time.Time, s span) chart {
	var v chart
	for _, m := range counts {
		var sum int64
		for _, n := range m {
			sum += n
		}
		v.Max, v.Total = max(v.Max, sum), v.Total+sum
	}
	if v.Total == 0 {
		return v
	}
	width := float64(chartWidth-chartLeft) / float64(len(counts))
	for i, m := range counts {
		from := begin.Add(time.Duration(i) * s.step)
		b := c.bar(m, groups, v.Max)
		b.X, b.W = chartLeft+float64(i)*width, max(width-1, 0.5)
		b.Title = from.In(c.config.Zone).Format("2006-01-02 15:04:05") + b.Title
		v.Bars = append(v.Bars, b)
	}
	if len(groups) > 1 {
		v.Groups = groups[:min(len(groups), maxGroups)]
	}
	v.Ticks = c.ticks(begin, s, len(counts))
	return v
}

func (c *Console) bar(m map[string]int64, groups []string, top int64) (b bar) {
	y := float64(chartHeight)
	var sum int64
	for i, g := range groups {
		n := m[g]
		if n == 0 {
			continue
		}
		sum += n
		h := float64(n) / float64(top) * (chartHeight - 8)
		y -= h
		b.Parts = append(b.Parts, barPart{y, h, min(i, maxGroups)})
	}
	b.Title = fmt.Sprintf("  %s", number(sum))
	return b
}

// ticks names round times below the bars, at most eight.
func (c *Console) ticks(begin time.Time, s span, n int) (list []tick) {
	total := time.Duration(n) * s.step
	round := span{step: s.step}
	for _, step := range steps {
		if round.step = step; step >= s.step && total/step <= 8 {
			break
		}
	}
	layout := "15:04"
	switch {
	case total <= 10*time.Minute:
		layout = "15:04:05"
	case total > 5*24*time.Hour:
		layout = "01-02"
	case total > 20*time.Hour:
		layout = "01-02 15:04"
	}
	for i := range n {
		if float64(n-i)*float64(chartWidth-chartLeft)/float64(n) < 8*float64(len(layout)) {
			break // no room for its text
		}
		from := begin.Add(time.Duration(i) * s.step)
		if at := round.start(from, c.config.Zone); at.Equal(from) || i > 0 && at.After(from.Add(-s.step)) {
			list = append(list, tick{chartLeft + float64(i)*float64(chartWidth-chartLeft)/float64(n), at.In(c.config.Zone).Format(layout)})
		}
	}
	return list
}

// linked lets every bar lead to the same search within its time.
func (v chart) linked(q url.Values, begin time.Time, step time.Duration) chart {
	for i := range v.Bars {
		q := cloneValues(q)
		from := begin.Add(time.Duration(i) * step)
		q.Set("since", from.UTC().Format(time.RFC3339))
		q.Set("until", from.Add(step).UTC().Format(time.RFC3339))
		v.Bars[i].Link = "/search?" + q.Encode()
	}
	return v
}

func cloneValues(v url.Values) url.Values {
	c := make(url.Values, len(v))
	for k, list := range v {
		c[k] = slices.Clone(list)
	}
	return c
}
