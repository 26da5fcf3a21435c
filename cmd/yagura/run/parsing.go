package run

import (
	"context"
	_ "embed"
	"fmt"
	"math"
	"sync"
	"time"

	"yagura/internal/console"
	"yagura/internal/store"
)

//go:embed sql/parsing.sql
var parsingSQL string

// How health and metrics look at parsing: the last hour, and the week before it.
const (
	parsingSources = 256         // of the most lines; also the bound of the metric's labels
	parsingAge     = time.Minute // an answer is used so long
	parsingWait    = time.Second // of a scrape
	turnedLines    = 200         // lines of an hour that say something
	turnedShare    = 0.2         // of them unparsed: something has changed
	soundShare     = 0.05        // unparsed before: it was read
	clockOff       = 5 * 60      // seconds on the mean of an hour
)

// parsing is how well the lines of sources are read, from the books: it outlives
// restarts and costs nothing where lines are received.
type parsing struct {
	mu   sync.Mutex
	at   time.Time
	rows []parsed
}

// parsed is one source.
type parsed struct {
	peer, listener   string
	lines, bad, half uint64  // of the last hour: all, unparsed, partly parsed
	before, badThen  uint64  // of the week before
	offset           float64 // seconds, the mean of the last hour: device minus ours
}

// of returns the sources of the most lines; what is known when the store does not
// answer.
func (p *parsing) of(ctx context.Context, m *Main) []parsed {
	p.mu.Lock()
	defer p.mu.Unlock()
	if time.Since(p.at) < parsingAge || m.stored == nil {
		return p.rows
	}
	select {
	case <-m.stored:
	default:
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, parsingWait)
	defer cancel()
	rows, err := m.db.Query(ctx, store.Ask{Text: parsingSQL, Limits: store.Limits{Time: parsingWait, Rows: parsingSources}})
	if err != nil {
		return p.rows
	}
	all, err := rows.All()
	if err != nil {
		return p.rows
	}
	p.rows, p.at = nil, time.Now()
	for _, r := range all {
		p.rows = append(p.rows, newParsed(r))
	}
	return p.rows
}

func newParsed(r []any) parsed {
	n := func(v any) (n uint64) {
		_, _ = fmt.Sscan(fmt.Sprint(v), &n)
		return n
	}
	p := parsed{peer: fmt.Sprint(r[0]), listener: fmt.Sprint(r[1]), lines: n(r[2]), bad: n(r[3]), half: n(r[4]), before: n(r[5]), badThen: n(r[6])}
	_, _ = fmt.Sscan(fmt.Sprint(r[7]), &p.offset)
	return p
}

// turned says whether a source that was read, or that is pinned, is read no more.
func (p *parsed) turned(pinned bool) bool {
	if p.lines < turnedLines || ratio(p.bad, p.lines) <= turnedShare {
		return false
	}
	return pinned || p.before >= turnedLines && ratio(p.badThen, p.before) <= soundShare
}

// parsing names sources whose lines are not understood any more, or whose clocks are
// off.
func (h *checkup) parsing(ctx context.Context) {
	for _, p := range h.main.parsing.of(ctx, h.main) {
		if p.lines >= proposalLines && math.Abs(p.offset) > clockOff {
			h.add(console.Warning, "sources", fmt.Sprintf("the clock of %s (%s) is %s off on the mean of the last hour", p.peer, p.listener, hours(p.offset)),
				"`yagura sources` proposes its time zone if it is in another; else mend its NTP. Rules use the time of receipt where a time cannot be right")
		}
		s := h.main.cfg.SourceOf(p.peer)
		pinned := s != nil && s.Device != ""
		if !p.turned(pinned) {
			continue
		}
		why := "it was read before: was the device updated, or its log format changed?"
		if pinned {
			why = "it is pinned as " + s.Device + ": is that right?"
		}
		h.add(console.Warning, "sources", fmt.Sprintf("%.0f%% of %d lines of %s (%s) were understood by no parser in the last hour", 100*ratio(p.bad, p.lines), p.lines, p.peer, p.listener),
			why+" `yagura sources --unparsed "+p.peer+"` shows them; the lines are kept")
	}
}

// parsingMetrics tells of each source how much of its lines was understood.
func (m *Main) parsingMetrics(s *samples) {
	s.count("yagura_ambiguous_total", "Lines read by no family as two were nearly equally sure of them.", m.handlers.families.Ambiguous())
	for _, p := range m.parsing.of(context.Background(), m) {
		labels := []console.Label{{Name: "peer", Value: p.peer}, {Name: "listener", Value: p.listener}}
		s.gauge("yagura_source_lines", "Lines of a source that were stored in the last hour; of the 256 sources with the most.", float64(p.lines), labels...)
		s.gauge("yagura_source_unparsed_ratio", "Of them: understood by no parser.", ratio(p.bad, p.lines), labels...)
		s.gauge("yagura_source_clock_offset_seconds", "The device's clock minus ours, on the mean of the last hour.", p.offset, labels...)
		s.gauge("yagura_source_partial_ratio", "Of them: understood in part, with what is wrong in yagura.anomaly.", ratio(p.half, p.lines), labels...)
	}
}
