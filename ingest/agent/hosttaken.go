package agent

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"sync"

	"yagura/internal/event"
)

// hostListener begins the name of the listener in the events of our own agents. Only
// these count as taken: a line that a token's holder or a device sends may say
// agent.id and event.sequence, too.
const hostListener = "agent:"

// span is a run of sequences, both ends in it.
type span struct{ first, last uint64 }

// maxSpans bounds the runs of an agent; the lowest ones are forgotten, as an agent
// never sends again what is far below its newest.
const maxSpans = 64

// spans are runs of sequences in order that neither touch nor overlap.
type spans []span

// add adds a run.
func (s *spans) add(n span) {
	at := len(*s)
	for at > 0 && (*s)[at-1].first > n.first {
		at--
	}
	if at > 0 && (*s)[at-1].last+1 >= n.first {
		at--
		n.first = (*s)[at].first
		n.last = max(n.last, (*s)[at].last)
	}
	end := at
	for end < len(*s) && (*s)[end].first <= n.last+1 {
		n.last = max(n.last, (*s)[end].last)
		end++
	}
	*s = slices.Replace(*s, at, end, n)
	if len(*s) > maxSpans {
		*s = slices.Delete(*s, 0, len(*s)-maxSpans)
	}
}

// of returns the run that holds n.
func (s spans) of(n uint64) (span, bool) {
	i, _ := slices.BinarySearchFunc(s, n, func(one span, n uint64) int { return cmp.Compare(one.last, n) })
	if i < len(s) && s[i].first <= n {
		return s[i], true
	}
	return span{}, false
}

func (s spans) highest() uint64 {
	if len(s) == 0 {
		return 0
	}
	return s[len(s)-1].last
}

// taken is which sequences of each agent are on disk, and which requests are not
// decided yet. Safe for concurrent use.
type taken struct {
	mu     sync.Mutex
	agents map[string]*takenAgent
	moved  bool // since it was last saved
}

type takenAgent struct {
	spans spans
	open  bool   // a request is being worked on, or its end is not known
	floor uint64 // no block up to this one holds a record of it
}

func newTaken() *taken { return &taken{agents: map[string]*takenAgent{}} }

// of is an agent's; the lock is held.
func (t *taken) of(agent string) *takenAgent {
	a := t.agents[agent]
	if a == nil {
		a = &takenAgent{}
		t.agents[agent] = a
	}
	return a
}

// begin notes a request before anything of it is taken, and returns what is there.
// published is the newest block of the stream.
func (t *taken) begin(agent string, published uint64) spans {
	t.mu.Lock()
	defer t.mu.Unlock()
	a := t.of(agent)
	a.open, a.floor = true, published
	return slices.Clone(a.spans)
}

// settle ends a request: what it took is on disk.
func (t *taken) settle(agent string, took spans) {
	t.mu.Lock()
	defer t.mu.Unlock()
	a := t.of(agent)
	for _, s := range took {
		a.spans.add(s)
	}
	a.open, t.moved = false, true
}

// undecided is the block after which the records of an agent's request may stand.
func (t *taken) undecided(agent string) (floor uint64, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	a := t.of(agent)
	return a.floor, a.open
}

// has answers for an agent that would send from next.
func (t *taken) has(agent string, from uint64) (through, highest uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	a := t.of(agent)
	through = max(from, 1) - 1
	if s, ok := a.spans.of(from); ok {
		through = s.last
	}
	return through, a.spans.highest()
}

// learn takes what a block of the stream holds.
func (t *taken) learn(b *event.Block) {
	if !slices.ContainsFunc(b.Sources, ofHost) {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range b.Len() {
		e := b.Event(i)
		if !ofHost(e.Source()) {
			continue
		}
		id, _ := e.Get(event.AgentID)
		text, _ := e.Get(event.EventSequence)
		if n, ok := sequence(text); ok && len(id) > 0 {
			t.of(string(id)).spans.add(span{n, n})
			t.moved = true
		}
	}
}

func ofHost(s event.Source) bool { return strings.HasPrefix(s.Listener, hostListener) }

func sequence(text []byte) (n uint64, ok bool) {
	if len(text) == 0 || len(text) > 19 {
		return 0, false
	}
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + uint64(c-'0')
	}
	return n, n > 0
}

// takenFile is the checkpoint.
type takenFile struct {
	Agents map[string][][2]uint64 `json:"agents"`
}

// save returns the state and the block that it covers; no: nothing has changed since
// the last time.
func (t *taken) save(published uint64) (state []byte, seq uint64, changed bool, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.moved {
		return nil, 0, false, nil
	}
	f := takenFile{Agents: map[string][][2]uint64{}}
	for name, a := range t.agents {
		if a.open {
			published = min(published, a.floor)
		}
		for _, s := range a.spans {
			f.Agents[name] = append(f.Agents[name], [2]uint64{s.first, s.last})
		}
	}
	state, err = json.Marshal(f)
	t.moved = false
	return state, published, true, err
}

// restore reads a state.
func (t *taken) restore(state []byte) error {
	var f takenFile
	if err := json.Unmarshal(state, &f); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for name, all := range f.Agents {
		for _, s := range all {
			t.of(name).spans.add(span{s[0], max(s[0], s[1])})
		}
	}
	return nil
}
