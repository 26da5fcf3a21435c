package detect

import (
	"fmt"
	"time"

	"yagura/detect/sigma"
	"yagura/internal/event"
)

// Program is a compiled rule set: immutable, shared by any number of engines.
type Program struct {
	slots        *slots
	atoms        []atom
	indexes      []index  // by slot
	scans        []uint32 // of an atom: the slot whose index answers it, or noScan
	wakeAt       []uint32 // of an atom: its first entry of wakes; one more at the end
	wakes        []uint32 // rules
	rules        []rule
	correlations []correlation
	scopes       []*scope
	gates        []gate // by scope
	dispatch     *dispatch
	words        int // 64 rules each
	infos        []RuleInfo
}

// RuleInfo describes a loaded rule or correlation.
type RuleInfo struct {
	ID, Title, TitleJa         string
	Description, Author        string
	Level                      event.Level
	Status                     string
	Class                      string // unauthorized_access …; "" when neither folder nor class: says
	Policy, Tags, References   []string
	Product, Category, Service string
	File                       string
	Line                       int
	RunbookJa, RunbookEn       string
	FalsePositives             []string
	Correlation                string   // the type; "" for a plain rule
	Inputs                     []string // ids of the rules that a correlation lists
	Fields                     []string // as the rule writes them
	Group                      []string // what tells its alerts apart; empty: the event's entities
	Suppress                   time.Duration
	Tests                      int
	Alerts                     bool   // false: informational, or only an input of correlations
	CanFire                    bool   // false: no event can belong to its log source, see Why
	Why                        string // why it cannot fire
}

// Rules describes everything that is loaded: rules in file order, then
// correlations, inner ones first. The slice must not be changed.
func (p *Program) Rules() []RuleInfo { return p.infos }

// noScan is the place of an atom that no index answers.
const noScan = 1<<32 - 1

// maxRules is what a verdict can number.
const maxRules = 1<<16 - 1

// compile builds a program of a resolved set.
func compile(set *sigma.Set, m *mapping, lists sigma.Lists) (*Program, sigma.Errors, error) {
	p := &Program{slots: newSlots(), rules: make([]rule, 0, len(set.Rules))}
	table := newAtomTable(p.slots, lists)
	if len(set.Rules) > maxRules {
		return nil, nil, fmt.Errorf("%d rules; at most %d", len(set.Rules), maxRules)
	}
	var errs sigma.Errors
	byDoc := map[sigma.Document]int{}
	gateOf := map[sigma.Logsource]int{}
	for _, r := range set.Rules {
		key := sigma.Logsource{Product: r.Source.Product, Category: r.Source.Category, Service: r.Source.Service}
		g, ok := gateOf[key]
		if !ok {
			g = len(p.scopes)
			gateOf[key] = g
			p.scopes = append(p.scopes, m.resolve(key))
		}
		sc := p.scopes[g]
		h, bad := newHeading(&r.Meta, sc, p.slots)
		if errs = append(errs, bad...); len(bad) > 0 {
			continue
		}
		h.hash = hashRule(r)
		byDoc[r] = len(p.rules)
		p.rules = append(p.rules, rule{src: r, scope: sc, gate: g, head: h, sels: compileSelections(table, r, sc)})
	}
	inner := map[sigma.Document]int{}
	for _, c := range set.Correlations {
		errs = append(errs, p.correlate(c, byDoc, inner)...)
	}
	var err error
	if p.dispatch, p.gates, err = newDispatch(p.slots, p.scopes); err != nil {
		return nil, errs, err
	}
	p.finish(table)
	return p, errs, nil
}

// finish compiles what needs all atoms.
func (p *Program) finish(table *atomTable) {
	p.atoms = table.list
	p.indexes = buildIndexes(p.atoms, len(p.slots.list))
	for i := range p.atoms {
		scan := uint32(noScan)
		if p.atoms[i].indexed {
			scan = p.atoms[i].slot
		}
		p.scans = append(p.scans, scan)
	}
	p.dispatch.learn(p.indexes)
	wakes := make([][]uint32, len(p.atoms))
	p.words = (len(p.rules) + 63) / 64
	for i := range p.rules {
		r := &p.rules[i]
		c := compiler{p.atoms, r.sels}
		r.cond = c.expr(r.src.Condition)
		p.oneSlot(&r.cond)
		r.wake = c.wake(r.src.Condition).atoms
		woken := map[uint32]bool{}
		for _, a := range r.wake {
			if !woken[a] {
				woken[a] = true
				wakes[a] = append(wakes[a], uint32(i))
			}
		}
	}
	for i, rules := range wakes {
		if a := &p.atoms[i]; a.needs && len(rules) > 0 {
			x := &p.indexes[a.slot]
			if a.quick {
				x.quick = append(x.quick, uint32(i))
			} else {
				x.present = append(x.present, uint32(i))
			}
		}
		p.wakeAt = append(p.wakeAt, uint32(len(p.wakes)))
		p.wakes = append(p.wakes, rules...)
	}
	p.wakeAt = append(p.wakeAt, uint32(len(p.wakes)))
	for i := range p.rules {
		p.infos = append(p.infos, p.ruleInfo(&p.rules[i]))
	}
	for i := range p.correlations {
		p.infos = append(p.infos, p.correlationInfo(&p.correlations[i]))
	}
}

// oneSlot finds the alternatives that one index answers together: a list of values of
// one field.
func (p *Program) oneSlot(n *node) {
	n.scan = noScan
	for i := range n.kids {
		k := &n.kids[i]
		p.oneSlot(k)
		scan := uint32(noScan)
		if n.op == opOr && k.op == opAtom {
			scan = p.scans[k.atom]
		}
		if i == 0 {
			n.scan = scan
		} else if n.scan != scan {
			n.scan = noScan
		}
	}
	if n.scan != noScan {
		n.any = newAtoms(n.kids)
	}
}

func infoOf(h *heading) RuleInfo {
	m := h.meta
	return RuleInfo{
		ID: m.Key(), Title: m.Title, TitleJa: m.TitleJA, Description: m.Description, Author: m.Author,
		Level: h.level, Status: m.Status.String(), Class: h.class, Policy: m.Policy, Tags: m.Tags, References: m.References,
		File: m.Path, Line: m.Pos.Line, RunbookJa: m.Runbook.JA, RunbookEn: m.Runbook.EN, FalsePositives: m.FalsePositives,
		Suppress: h.suppress, Tests: len(m.Tests), Alerts: m.Alerts, CanFire: true,
	}
}

func (p *Program) ruleInfo(r *rule) RuleInfo {
	i := infoOf(r.head)
	i.Product, i.Category, i.Service = r.src.Source.Product, r.src.Source.Category, r.src.Source.Service
	seen := map[string]bool{}
	for _, s := range r.src.Selections {
		for _, g := range s.Any {
			for _, it := range g {
				if it.Field != "" && !seen[it.Field] {
					seen[it.Field] = true
					i.Fields = append(i.Fields, it.Field)
				}
			}
		}
	}
	for _, g := range r.head.group {
		i.Group = append(i.Group, g.name)
	}
	i.CanFire, i.Why = r.scope.why == "", r.scope.why
	return i
}

func (p *Program) correlationInfo(c *correlation) RuleInfo {
	i := infoOf(c.head)
	i.Correlation = c.src.Type.String()
	i.Group = c.names
	i.Fields = c.src.Fields
	for _, in := range c.inputs {
		h := p.headOf(in)
		i.Inputs = append(i.Inputs, h.meta.Key())
		if in.rule >= 0 && p.rules[in.rule].scope.why != "" {
			i.CanFire, i.Why = false, h.meta.Key()+": "+p.rules[in.rule].scope.why
		}
	}
	return i
}

func (p *Program) headOf(in input) *heading {
	if in.rule >= 0 {
		return p.rules[in.rule].head
	}
	return p.correlations[in.inner].head
}
