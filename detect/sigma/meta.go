package sigma

import (
	"slices"
	"strings"
	"unicode"
)

// knownKeys are the top-level keys with a meaning; all others are kept in Meta.Custom.
var knownKeys = []string{
	"title", "title_ja", "id", "name", "related", "taxonomy", "status", "description", "license", "author", "references",
	"date", "modified", "logsource", "detection", "correlation", "filter", "baseline", "fields", "falsepositives", "level",
	"tags", "scope", "generate", "policy", "runbook", "class", "tests",
}

var statuses = []string{"stable", "test", "experimental", "deprecated", "unsupported"}

var levels = []string{"informational", "low", "medium", "high", "critical"}

// String gives the specification's word, none for StatusNone.
func (s Status) String() string {
	if s == StatusNone || int(s) > len(statuses) {
		return ""
	}
	return statuses[s-1]
}

// String gives the specification's word.
func (l Level) String() string {
	if l == 0 || int(l) > len(levels) {
		return ""
	}
	return levels[l-1]
}

// meta reads what all documents share.
func (r *reader) meta(n *Node) Meta {
	m := Meta{Path: r.path, Pos: n.Pos, Level: DefaultLevel}
	m.Title = r.text(n, "title")
	if m.Title == "" && n.get("title") == nil {
		r.fail(n.Pos, "title", "no title", "a short text that says what happened")
	}
	m.TitleJA, m.Class = r.text(n, "title_ja"), r.text(n, "class")
	m.ID, m.Name = r.word(n, "id"), r.word(n, "name")
	m.Description, m.License = r.text(n, "description"), r.text(n, "license")
	m.Author = strings.Join(r.texts(n, "author"), ", ")
	m.Date, m.Modified = r.text(n, "date"), r.text(n, "modified")
	m.Tags, m.References = r.texts(n, "tags"), r.texts(n, "references")
	m.FalsePositives, m.Fields = r.texts(n, "falsepositives"), r.texts(n, "fields")
	m.Policy = r.texts(n, "policy")
	m.Status = Status(r.enum(n, "status", statuses))
	if l := r.enum(n, "level", levels); l > 0 {
		m.Level = Level(l)
	}
	if t := n.get("taxonomy"); t != nil && t.Text != "sigma" {
		r.fail(t.Pos, "taxonomy", t.describe(), "sigma (the only field names that are known), or leave it out")
	}
	m.Runbook = r.runbook(n.get("runbook"))
	m.Tests = r.tests(n.get("tests"))
	for i, k := range n.Keys {
		if !slices.Contains(knownKeys, k.Text) {
			m.Custom = append(m.Custom, Custom{k.Text, n.Items[i]})
		}
	}
	return m
}

// text reads an optional scalar of the map; a key without a value is a fault.
func (r *reader) text(n *Node, key string) string {
	v := n.get(key)
	if v == nil {
		return ""
	}
	if v.Kind != ScalarNode || strings.TrimSpace(v.Text) == "" || v.kind() == nullScalar {
		r.fail(v.Pos, key, v.describe(), "a text, or leave the key out")
		return ""
	}
	return strings.TrimSpace(v.Text)
}

// word is text without blanks: what can be referred to.
func (r *reader) word(n *Node, key string) string {
	s := r.text(n, key)
	if strings.ContainsFunc(s, func(c rune) bool { return unicode.IsSpace(c) || unicode.IsControl(c) }) {
		r.fail(n.get(key).Pos, key, quote(s), "a text without blanks")
	}
	return s
}

// texts reads an optional list of scalars, or one scalar.
func (r *reader) texts(n *Node, key string) []string {
	v := n.get(key)
	if v == nil || v.Kind == ScalarNode && v.kind() == nullScalar || v.Kind == ListNode && len(v.Items) == 0 {
		return nil
	}
	return r.textList(v, key)
}

// textList reads a list of scalars, or one scalar; empty ones are faults.
func (r *reader) textList(v *Node, field string) []string {
	items := []*Node{v}
	if v.Kind == ListNode {
		items = v.Items
	}
	var out []string
	for _, item := range items {
		if item.Kind != ScalarNode || item.kind() == nullScalar || item.Text == "" {
			r.fail(item.Pos, field, item.describe(), "a text or a list of texts")
			continue
		}
		out = append(out, strings.TrimSpace(item.Text))
	}
	return out
}

// enum reads an optional word of a list and returns its place from 1, or 0.
func (r *reader) enum(n *Node, key string, words []string) int {
	v := n.get(key)
	if v == nil {
		return 0
	}
	at := slices.Index(words, v.Text)
	if v.Kind != ScalarNode || at < 0 {
		r.fail(v.Pos, key, v.describe(), suggest(v.Text, words))
	}
	return at + 1
}

func (r *reader) runbook(n *Node) Runbook {
	if n == nil {
		return Runbook{}
	}
	if n.Kind != MapNode {
		r.fail(n.Pos, "runbook", n.describe(), "a map with the keys ja and en")
		return Runbook{}
	}
	r.only(n, "runbook", []string{"ja", "en"})
	return Runbook{JA: r.text(n, "ja"), EN: r.text(n, "en")}
}

// only refuses keys that a section does not have.
func (r *reader) only(n *Node, section string, keys []string) {
	for _, k := range n.Keys {
		if !slices.Contains(keys, k.Text) {
			r.fail(k.Pos, section, "the unknown key "+quote(k.Text), suggest(k.Text, keys))
		}
	}
}

var logsourceKeys = []string{"category", "product", "service", "definition"}

// logsource reads the section; a rule must name at least one part.
func (r *reader) logsource(n *Node, required bool) Logsource {
	v := n.get("logsource")
	if v == nil {
		if required {
			r.fail(n.Pos, "logsource", "no logsource", "a map with category, product or service")
		}
		return Logsource{}
	}
	if v.Kind != MapNode {
		r.fail(v.Pos, "logsource", v.describe(), "a map with category, product or service")
		return Logsource{}
	}
	s := Logsource{
		Category: r.text(v, "category"), Product: r.text(v, "product"), Service: r.text(v, "service"),
		Definition: r.text(v, "definition"), Pos: v.Pos,
	}
	for _, k := range v.Keys { // other keys are allowed, but not ones that were meant to be these: the rule would apply to too much
		if like := closest(k.Text, logsourceKeys); like != "" && like != k.Text {
			r.fail(k.Pos, "logsource", "the unknown key "+quote(k.Text), "did you mean "+like+"?")
		}
	}
	if required && s.Category == "" && s.Product == "" && s.Service == "" {
		r.fail(v.Pos, "logsource", "neither category nor product nor service", "at least one of them")
	}
	return s
}
