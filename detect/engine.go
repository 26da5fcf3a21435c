package detect

import (
	"time"

	"yagura/internal/event"
)

// EngineConfig bounds an engine. Zero values mean the defaults.
type EngineConfig struct {
	Location     *time.Location // where hours and days are counted; nil is UTC
	Tenant       string         // of the alerts; "" takes the block's
	MaxGroups    int            // groups of one correlation; 20,000
	MaxEntries   int            // events kept for one group; 8,192
	MaxSuppress  int            // rule and group pairs that are being suppressed; 100,000
	MaxEvidence  int            // bytes of evidence that all groups together keep; 32 MiB
	Lateness     time.Duration  // how much older than its group's newest an event may be, beyond the timespan; 10 minutes
	MaxAlertRate int            // alerts of one block; further ones are counted and left out; 10,000
	Events       Events         // which events it looks at; every one
}

// Events says which events an engine looks at. Imported history has times of long
// ago: between live events it would end windows and take the room of their groups.
type Events uint8

// Choices of events.
const (
	EveryEvent   Events = iota
	LiveEvents          // but not what was imported
	ReplayEvents        // only what was imported to be matched (event.FlagReplay)
)

func (c Events) takes(flags uint16) bool {
	switch c {
	case LiveEvents:
		return flags&event.FlagHistory == 0
	case ReplayEvents:
		return flags&event.FlagReplay != 0
	}
	return true
}

func (c EngineConfig) withDefaults() EngineConfig {
	set := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	set(&c.MaxGroups, 20_000)
	set(&c.MaxEntries, 8192)
	set(&c.MaxSuppress, 100_000)
	set(&c.MaxEvidence, 32<<20)
	set(&c.MaxAlertRate, 10_000)
	if c.Lateness <= 0 {
		c.Lateness = 10 * time.Minute
	}
	if c.Location == nil {
		c.Location = time.UTC
	}
	return c
}

// Stats counts since the engine was made, or since the checkpoint it was restored
// from began to count. Sizes are of now.
type Stats struct {
	Events, Matches, Alerts uint64
	Suppressed              uint64 // matches that raised no alert of their own
	NoGroup                 uint64 // matches that lack a field of a correlation's group-by
	NoValue                 uint64 // matches without the value that is counted, or one that is no number
	Late                    uint64 // matches older than their group's windows reach
	Evicted                 uint64 // groups that had to make room
	Merged                  uint64 // entries of crowded groups that were merged: their times are coarser
	SuppressEvicted         uint64 // suppressions that had to make room: an alert may come early
	EvidenceDropped         uint64 // events whose text had to make room
	AlertsDropped           uint64 // alerts beyond MaxAlertRate
	Groups, Suppressions    int
	Evidence                int // bytes
}

// Engine matches the events of one tenant and keeps the state that correlations
// and suppression need. Not safe for concurrent use.
type Engine struct {
	p        *Program
	cfg      EngineConfig
	m        *matcher
	mark     int64 // the newest window time seen
	windows  []groups
	timers   timers
	suppress suppressions
	stats    Stats
	evidence int

	// The block at hand.
	block    *event.Block
	identity string
	verdict  event.Verdict
	alerts   []event.Alert
	ruleAt   []int // Program.rules → verdict.Rules + 1
	only     *class
	fires    []int // by correlation: how often it was completed in this block
	distinct map[string]struct{}
	key      []byte
	group    []groupValue
	parts    [][]byte
	packed   []byte
}

// NewEngine makes an engine with empty state.
func NewEngine(p *Program, cfg EngineConfig) *Engine {
	e := &Engine{p: p, cfg: cfg.withDefaults(), distinct: map[string]struct{}{}, ruleAt: make([]int, len(p.rules)), fires: make([]int, len(p.correlations))}
	e.m = newMatcher(p, e.cfg.Location)
	e.Reset()
	return e
}

// Reset forgets all state.
func (e *Engine) Reset() {
	e.windows = make([]groups, len(e.p.correlations))
	for i := range e.windows {
		e.windows[i].byKey = map[string]*window{}
	}
	e.suppress = newSuppressions()
	e.timers, e.mark, e.evidence, e.stats = nil, 0, 0, Stats{}
}

// Stats returns the counters.
func (e *Engine) Stats() Stats {
	s := e.stats
	s.Suppressions, s.Evidence = len(e.suppress.byKey), e.evidence
	for i := range e.windows {
		s.Groups += len(e.windows[i].byKey)
	}
	return s
}

// Reached returns the ids of the rules that some event so far could have matched,
// by its log source and event code: what is not among them has no source. It is no
// part of the state: a new engine begins with none.
func (e *Engine) Reached() []string {
	var out []string
	for i := range e.p.rules {
		if e.m.reached[i/64]>>(i%64)&1 != 0 {
			out = append(out, e.p.rules[i].head.meta.Key())
		}
	}
	return out
}

// Block matches a block's events, in their order, and returns which event matched
// which rules, and the alerts raised, in the order of the events that raised them.
func (e *Engine) Block(b *event.Block, seq uint64) (event.Verdict, []event.Alert) {
	e.block, e.identity = b, b.ID.String()
	e.verdict = event.Verdict{Seq: seq, Block: e.identity}
	e.alerts = nil
	clear(e.fires)
	e.m.place.use(b.Names())
	for i := range b.Len() {
		if ev := b.Event(i); e.cfg.Events.takes(ev.Flags()) {
			e.event(ev)
			e.stats.Events++
		}
	}
	e.renumber()
	e.block = nil
	return e.verdict, e.alerts
}

// Settle ends all windows that wait for their time, as at the end of input from
// files, and returns the alerts of what that completes.
func (e *Engine) Settle() []event.Alert {
	e.alerts = nil
	clear(e.fires)
	e.block, e.identity = &event.Block{}, ""
	for len(e.timers) > 0 && len(e.alerts) < e.cfg.MaxAlertRate {
		e.expire()
	}
	e.block = nil
	return e.alerts
}

// renumber turns the program's rule numbers in the hits into the verdict's.
func (e *Engine) renumber() {
	for i := range e.verdict.Hits {
		r := int(e.verdict.Hits[i].Rule)
		if e.ruleAt[r] == 0 {
			e.verdict.Rules = append(e.verdict.Rules, e.p.rules[r].head.meta.Key())
			e.ruleAt[r] = len(e.verdict.Rules)
		}
		e.verdict.Hits[i].Rule = uint16(e.ruleAt[r] - 1)
	}
	clear(e.ruleAt)
}

func (e *Engine) event(ev event.Event) {
	if now := windowTime(ev); now > e.mark {
		e.mark = now
		for len(e.timers) > 0 && e.timers[0].due <= now {
			e.expire()
		}
	}
	found := e.m.match(ev, e.only)
	for _, r := range found {
		e.stats.Matches++
		e.verdict.Hits = append(e.verdict.Hits, event.Hit{Event: uint16(ev.Index()), Rule: uint16(r)})
		e.matched(ev, int(r))
	}
}

// farTime bounds window times (the year 2116), so that spans can be added to them.
const farTime = 1<<62 - 1

// windowTime is the time that windows use.
func windowTime(ev event.Event) int64 { return max(-farTime, min(farTime, ev.WindowNano())) }

// matched raises the rule's own alert and feeds the correlations that list it.
func (e *Engine) matched(ev event.Event, r int) {
	rule := &e.p.rules[r]
	weight := repeat(ev)
	if rule.head.meta.Alerts {
		e.alertRule(ev, rule, weight)
	}
	for _, f := range rule.feeds {
		e.feedEvent(ev, rule, f, weight)
	}
}

// repeat is how many events a line stands for ("message repeated 3 times").
func repeat(ev event.Event) int {
	v, ok := ev.Get(event.YaguraRepeat)
	if !ok || len(v) == 0 || len(v) > 6 {
		return 1
	}
	n := 0
	for _, c := range v {
		if c < '0' || c > '9' {
			return 1
		}
		n = 10*n + int(c-'0')
	}
	return max(n, 1)
}
