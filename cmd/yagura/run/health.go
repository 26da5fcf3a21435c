package run

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"yagura/internal/alert"
	"yagura/internal/bus"
	"yagura/internal/console"
)

// Limits beyond which health speaks.
const (
	lagBlocks  = 500             // blocks that a stage may be behind
	mailAge    = 5 * time.Minute // of the oldest mail not delivered
	askTimeout = 5 * time.Second // of what health asks of the store
)

// health reports on this instance, most harmful finding first.
func (m *Main) health(ctx context.Context) console.Report {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	h := &checkup{main: m}
	h.bus(ctx)
	h.poison()
	h.listeners()
	h.agents()
	h.disk()
	h.clock()
	h.engine()
	h.rules()
	h.parsers()
	h.mails()
	if h.storeAnswers() {
		h.books(ctx)
		h.sources(ctx)
		h.parsing(ctx)
	}
	if len(h.Findings) == 0 {
		h.add(console.OK, "yagura", "everything runs and the books balance", "")
	}
	rank := map[console.Level]int{console.Critical: 0, console.Warning: 1, console.OK: 2}
	slices.SortStableFunc(h.Findings, func(a, b console.Finding) int { return cmp.Compare(rank[a.Level], rank[b.Level]) })
	return h.Report
}

// checkup gathers a report.
type checkup struct {
	console.Report
	main *Main
}

func (h *checkup) add(level console.Level, place, what, mend string) {
	h.Findings = append(h.Findings, console.Finding{Level: level, Place: place, What: what, Mend: mend})
}

// bus looks at the log itself, its room and how far the stages are.
func (h *checkup) bus(ctx context.Context) {
	m := h.main
	if err := m.bus.Healthy(); err != nil {
		h.add(console.Critical, "bus", err.Error(), "free space on the data folder's volume, or mend what the message names; senders are held back meanwhile")
	}
	if n := m.bus.Restarts(); n > 0 {
		h.add(console.Warning, "bus", fmt.Sprintf("the embedded bus was stuck and was started anew %d times", n), "its volume was full, or a write failed: make room, and look at the disk (dmesg, smartctl); the log says why")
	}
	states, err := m.bus.States(ctx)
	if err != nil {
		h.add(console.Critical, "bus", err.Error(), "restart yagura; if it stays, look at the disk")
		return
	}
	for _, s := range states {
		if s.Name == bus.Dead && s.Messages > 0 {
			h.add(console.Warning, "bus", fmt.Sprintf("%d messages were set aside as unreadable (%s; older ones in %s)", s.Messages, bus.Dead, m.bus.DeadFolder()),
				"look at the disk; keep the bus folder and report this: it is a defect")
		}
		if used := float64(s.Bytes) / float64(s.MaxBytes); used > 0.8 {
			h.add(console.Warning, "bus", fmt.Sprintf("%s is %.0f%% full", s.Name, 100*used), "see which stage is behind; raise bus.max_bytes if there is room")
		}
	}
	h.stages(states[0].Last)
	for _, l := range m.bus.Lost() {
		h.add(console.Critical, "bus", fmt.Sprintf("accepted blocks %d to %d of %s were lost by the disk", l.From, l.To, l.Stream), "check the disk; restore the bus folder from a newer copy if there is one")
	}
}

func (h *checkup) stages(last uint64) {
	m := h.main
	stage := func(s console.Stage, done uint64, mend string) {
		s.Pending = last - min(last, done)
		if s.Pending > lagBlocks {
			s.State = worse(s.State, console.Warning)
			h.add(console.Warning, s.Name, fmt.Sprintf("%d blocks behind", s.Pending), mend)
		}
		h.Stages = append(h.Stages, s)
	}
	if m.detect != nil {
		stage(console.Stage{Name: "detect", State: console.OK}, m.detect.done.get(), "a rule may be slow: look at yagura_detect_seconds_total in /metrics")
	}
	if m.store != nil {
		stage(console.Stage{Name: "store", State: m.storeState()}, m.store.done.get(), "ClickHouse is slow or away; the lines are safe on the bus")
	}
}

func worse(a, b console.Level) console.Level {
	if a == console.Critical || b == console.OK {
		return a
	}
	return b
}

func (h *checkup) engine() {
	if c := h.main.child; c != nil {
		if !c.Up() {
			h.add(console.Critical, "engine", "the embedded ClickHouse does not answer; it is restarted by itself", "look at the log for its reason; lines are kept on the bus meanwhile")
		}
		if n := c.Restarts(); n > 0 {
			h.add(console.Warning, "engine", fmt.Sprintf("the embedded ClickHouse was restarted %d times", n), "look at the log; raise store.memory if it ran out")
		}
	}
}

func (h *checkup) rules() {
	for _, err := range h.main.report.Errors {
		h.add(console.Warning, "rules", "a rule does not load: "+err.Error(), "mend the rule; the others are at work. `yagura check` shows all")
	}
}

func (h *checkup) mails() {
	if h.main.alerts == nil {
		return
	}
	h.alerts(h.main.alerts.Stats())
}

func (h *checkup) alerts(s alert.Counts) {
	state, why := console.OK, ""
	if s.Trouble != "" {
		state, why = console.Warning, "; the latest delivery failed: "+s.Trouble
	}
	if s.Unsent > mailAge {
		state = console.Critical
		h.add(console.Critical, "mail", fmt.Sprintf("%d mails wait, the oldest for %s%s", s.Due, s.Unsent.Round(time.Second), why), "is the mail relay reachable? `yagura check` tries it")
	}
	if s.Failed > 0 {
		h.add(console.Warning, "mail", fmt.Sprintf("%d deliveries were refused for good%s", s.Failed, why), "check the addresses of the on-call list and the relay's answers in the log")
	}
	if s.Err != "" {
		state = console.Critical
		h.add(console.Critical, "alert", s.Err, "free space on the data folder's volume")
	}
	h.Stages = append(h.Stages, console.Stage{Name: "alert", State: state, Pending: uint64(s.Due)})
}

func (h *checkup) storeAnswers() bool {
	if c := h.main.child; c != nil && !c.Up() {
		return false // said by engine
	}
	select {
	case <-h.main.stored:
		return h.main.db != nil
	default:
		h.add(console.Warning, "store", "the store has not answered yet", "lines are kept on the bus; look at the log for the reason")
		return false
	}
}
