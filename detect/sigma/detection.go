package sigma

import (
	"fmt"
	"slices"
)

const maxSelections = 1000

// rule reads a document with a detection section.
func (r *reader) rule(n, section *Node, meta Meta) Document {
	rule := &Rule{Meta: meta, Source: r.logsource(n, true)}
	if t := section.get("timeframe"); t != nil && t.Kind == ScalarNode {
		r.fail(t.Pos, "detection.timeframe", "the timeframe of Sigma 1", "a correlation document with timespan")
		section = section.without("timeframe")
	}
	rule.Selections = r.selections(section, "detection", nil)
	rule.Condition, _ = r.condition(section, "detection", names(rule.Selections))
	return rule
}

func names(selections []Selection) []string {
	out := make([]string, len(selections))
	for i, s := range selections {
		out[i] = s.Name
	}
	return out
}

// selections reads all keys of a section but condition and those in skip. A faulty selection stays in the list, so that the
// condition can still be checked.
func (r *reader) selections(section *Node, path string, skip []string) []Selection {
	var out []Selection
	for i, k := range section.Keys {
		if k.Text == "condition" || slices.Contains(skip, k.Text) {
			continue
		}
		field := path + "." + k.Text
		if !isIdentifier(k.Text) {
			r.fail(k.Pos, field, "the selection name "+quote(k.Text), "no blanks, no parentheses, no *, and no word of the condition's grammar")
		}
		s := Selection{Name: k.Text, Pos: k.Pos}
		s.Any = r.selection(section.Items[i], field)
		out = append(out, s)
	}
	if len(out) == 0 {
		r.fail(section.Pos, path, "no selection", "at least one, such as selection: {EventID: 4625}")
	}
	if len(out) > maxSelections {
		r.fail(section.Pos, path, fmt.Sprintf("%d selections", len(out)), fmt.Sprintf("at most %d", maxSelections))
	}
	return out
}

// selection reads a map (one conjunction), or a list of maps and keywords (any of them).
func (r *reader) selection(n *Node, path string) []Group {
	switch {
	case n.Kind == MapNode:
		return []Group{r.group(n, path)}
	case n.Kind == ScalarNode:
		r.fail(n.Pos, path, n.describe(), "a map of fields, or a list of maps or keywords")
		return nil
	case len(n.Items) == 0:
		r.fail(n.Pos, path, "an empty list", "maps or keywords")
		return nil
	}
	var out []Group
	var keywords *Item // neighbours share one item
	for i, item := range n.Items {
		at := fmt.Sprintf("%s[%d]", path, i)
		switch item.Kind {
		case MapNode:
			out, keywords = append(out, r.group(item, at)), nil
		case ListNode:
			r.fail(item.Pos, at, "a list inside a list", "a map or a keyword")
		default:
			v, ok := r.value(item, chain{}, true, at)
			if !ok {
				continue
			}
			if keywords == nil {
				out = append(out, Group{{Pos: item.Pos}})
				keywords = &out[len(out)-1][0]
			}
			keywords.Values = append(keywords.Values, v)
		}
	}
	return out
}

func (r *reader) group(n *Node, path string) Group {
	if len(n.Keys) == 0 {
		r.fail(n.Pos, path, "an empty map", "at least one field")
	}
	var out Group
	for i, k := range n.Keys {
		if item, ok := r.item(k, n.Items[i], path+"."+k.Text); ok {
			out = append(out, item)
		}
	}
	return out
}

func (r *reader) item(key, n *Node, path string) (Item, bool) {
	field, c, ok := r.splitKey(key, path)
	if !ok {
		return Item{}, false
	}
	item := Item{Field: field, Modifiers: c.names, Pos: key.Pos, All: c.all, Neq: c.neq}
	values := []*Node{n}
	if n.Kind == ListNode {
		values = n.Items
	}
	if len(values) == 0 {
		r.fail(n.Pos, path, "an empty list", "at least one value; null for a field that is absent")
		return item, false
	}
	for _, one := range values {
		if n.Kind == ListNode && one.Kind == ScalarNode && one.kind() == nullScalar {
			r.fail(one.Pos, path, "null inside a list", "a selection of its own, joined by or; '' is the empty text")
			ok = false
			continue
		}
		v, good := r.value(one, c, field == "", path)
		item.Values, ok = append(item.Values, v), ok && good
	}
	if c.mode == existsMode && len(values) > 1 {
		r.fail(n.Pos, path, "a list under exists", "true or false")
		return item, false
	}
	return item, ok
}
