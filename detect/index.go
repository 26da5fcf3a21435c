package detect

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"yagura/detect/sigma"
)

// index answers all indexed atoms of one slot from one look at a value.
type index struct {
	exact    map[string][]hit // folded value → atoms
	shapes   shapes           // of the exact values
	longest  int              // of them
	numbers  []uint32         // atoms of numbers, for values that are written unusually
	present  []uint32         // atoms that wake rules wherever the slot has an element
	quick    []uint32         // atoms that are asked about every value, to wake rules
	literals *automaton       // nil: none
	lengths  []uint32         // of literals, in folded bytes
	useAt    []uint32         // of a literal: its first use; one more at the end
	uses     []use
}

// hit says what an exact value means for an atom: yes or possible.
type hit struct {
	atom   uint32
	answer uint8
}

// use says what an occurrence of a literal means for an atom.
type use struct {
	atom uint32
	at   anchor
}

type anchor uint8

const (
	anywhere  anchor = iota // yes
	atStart                 // yes at the start of the value
	atEnd                   // yes at the end of the value
	suspicion               // possible
)

// minLiteral is the shortest literal that is looked for in the common pass: a single
// character is in every text.
const minLiteral = 2

// indexBuilder gathers the atoms of a slot.
type indexBuilder struct {
	index    index
	byText   map[string]int
	literals []string
	uses     [][]use // by literal
}

// buildIndexes makes the index of every slot and marks the atoms that it answers.
func buildIndexes(atoms []atom, slots int) []index {
	builders := make([]indexBuilder, slots)
	for i := range atoms {
		b := &builders[atoms[i].slot]
		if atoms[i].indexed = b.add(uint32(i), &atoms[i]); !atoms[i].indexed {
			atoms[i].needPresence()
		}
	}
	out := make([]index, slots)
	for i := range builders {
		b := &builders[i]
		if len(b.literals) > 0 {
			b.index.literals = newAutomaton(b.literals)
		}
		for n, l := range b.literals {
			b.index.lengths = append(b.index.lengths, uint32(len(l)))
			b.index.useAt = append(b.index.useAt, uint32(len(b.index.uses)))
			b.index.uses = append(b.index.uses, b.uses[n]...)
		}
		b.index.useAt = append(b.index.useAt, uint32(len(b.index.uses)))
		out[i] = b.index
	}
	return out
}

func (b *indexBuilder) add(n uint32, a *atom) bool {
	switch m := a.m.(type) {
	case *sigma.Number:
		b.addNumber(n, m)
		a.cost = 40
		return true
	case *sigma.Bool:
		b.addExact(strconv.FormatBool(m.Value), hit{n, yes})
		a.cost = 2000
		return true
	case *sigma.Regexp:
		texts := m.Literals()
		least := 0
		for i, t := range texts {
			if i == 0 || len(t) < least {
				least = len(t)
			}
		}
		if least < minLiteral {
			a.must = firstBytes(texts)
			return false
		}
		for _, t := range texts {
			b.addLiteral(t, use{n, suspicion})
		}
		a.cost = len(texts) * literalCost(least)
		return true
	case *sigma.Text:
		return b.addText(n, a, m)
	}
	return false
}

// presenceCost is the cost of waking by the presence of a slot: rarer than an
// everyday text, more frequent than a value.
const presenceCost = 3000

// needPresence lets an atom that no index answers wake rules by its slot's presence,
// unless absence may fulfil it. Lists and comparisons are quick to ask, and mostly
// answered from memory: then they wake by holding.
func (a *atom) needPresence() {
	switch m := a.m.(type) {
	case *sigma.Null:
		return
	case *sigma.Exists:
		if !m.Want {
			return
		}
	case *sigma.List, *sigma.Compare:
		a.quick = true
	}
	a.needs, a.cost = true, presenceCost
}

// firstBytes are the first bytes of the texts, when folding leaves them alone.
func firstBytes(texts []string) string {
	out := ""
	for _, t := range texts {
		if t == "" || t[0] >= utf8.RuneSelf || 'a' <= t[0] && t[0] <= 'z' {
			return ""
		}
		out += t[:1]
	}
	return out
}

func (b *indexBuilder) addText(n uint32, a *atom, m *sigma.Text) bool {
	if whole, ok := m.Pattern.Whole(); ok {
		answer := yes
		if m.Cased {
			answer = possible
		}
		b.addExact(sigma.Fold(whole), hit{n, answer})
		a.cost = 20 + commonness(sigma.Fold(whole))
		return true
	}
	literal := sigma.Fold(m.Pattern.Literal())
	if len(literal) < minLiteral {
		return false
	}
	b.addLiteral(literal, use{n, anchorOf(m)})
	a.cost = literalCost(len(literal)) + commonness(literal)
	return true
}

// everyday are texts that ordinary events are full of: a rule that has anything
// else to wait for should not be woken by them.
var everyday = []string{
	"powershell", "pwsh", "cmd.exe", "svchost", "services.exe", "explorer.exe", "rundll32", "conhost", "microsoft", "windows", "system32",
	"syswow64", "program files", "programdata", "appdata", ".exe", "users", "http", "chrome", "msedge", "iexplore", "lsass", "winlogon",
	"network", "outbound", "inbound", "internal", "external", "allowed", "denied", "deny", "authentication", "process", "connection", "start",
	"end", "tcp", "udp", "firewall", "login", "failure", "session", "web", "traffic", "get", "post", "accept", "allow", "success", "kernel", "/usr/", "/bin/", "/etc/", "true", "false", "-", "localhost", "127.0.0.1",
}

// commonness is the further cost of waking by such a text.
func commonness(literal string) int {
	for _, w := range everyday {
		rest := len(literal) - len(w)
		if rest >= 0 && rest <= 4 && strings.Contains(literal, w) {
			return 1500
		}
	}
	return 0
}

// anchorOf tells whether finding the pattern's literal decides the atom.
func anchorOf(m *sigma.Text) anchor {
	t := m.Pattern.Tokens
	switch {
	case m.Cased:
		return suspicion
	case len(t) == 3 && t[0].Kind == sigma.AnyRun && t[1].Kind == sigma.Literal && t[2].Kind == sigma.AnyRun:
		return anywhere
	case len(t) == 2 && t[0].Kind == sigma.Literal && t[1].Kind == sigma.AnyRun:
		return atStart
	case len(t) == 2 && t[0].Kind == sigma.AnyRun && t[1].Kind == sigma.Literal:
		return atEnd
	}
	return suspicion
}

// literalCost guesses how often a literal of that length occurs.
func literalCost(n int) int {
	switch {
	case n >= 10:
		return 2
	case n >= 7:
		return 5
	case n >= 5:
		return 15
	case n == 4:
		return 60
	case n == 3:
		return 200
	}
	return 1000
}

func (b *indexBuilder) addNumber(n uint32, m *sigma.Number) {
	b.index.numbers = append(b.index.numbers, n)
	text := sigma.Fold(m.Text)
	b.addExact(text, hit{n, yes})
	if whole := int64(m.Float); float64(whole) == m.Float && m.Float < 1e15 && m.Float > -1e15 {
		if canonical := strconv.FormatInt(whole, 10); canonical != text {
			b.addExact(canonical, hit{n, yes})
		}
	}
}

func (b *indexBuilder) addExact(folded string, h hit) {
	if b.index.exact == nil {
		b.index.exact = map[string][]hit{}
	}
	b.index.exact[folded] = append(b.index.exact[folded], h)
	b.index.shapes.add(folded)
	b.index.longest = max(b.index.longest, len(folded))
}

func (b *indexBuilder) addLiteral(folded string, u use) {
	if b.byText == nil {
		b.byText = map[string]int{}
	}
	i, ok := b.byText[folded]
	if !ok {
		i = len(b.literals)
		b.byText[folded] = i
		b.literals = append(b.literals, folded)
		b.uses = append(b.uses, nil)
	}
	b.uses[i] = append(b.uses[i], u)
}

// plainNumber holds for what the exact map finds by its text: a whole number of at
// most 15 digits without sign or leading zeros; and for what is no number at all.
func plainNumber(v []byte) bool {
	if len(v) == 0 || len(v) > 82 {
		return true
	}
	switch c := v[0]; {
	case c == '0' && len(v) > 1, c == '-', c == '+':
		return false
	case c < '0' || c > '9':
		return true
	}
	return len(v) <= 15 && !hasByte(v, '.')
}

func hasByte(v []byte, c byte) bool {
	for _, b := range v {
		if b == c {
			return true
		}
	}
	return false
}
