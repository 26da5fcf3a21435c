package sigma

import (
	"fmt"
	"slices"
)

// Parse reads all documents of a file. It returns those without a fault, and every fault of the others; references between
// documents are NewSet's matter. The path is only used to name things. data is not kept.
func Parse(path string, data []byte) ([]Document, Errors) {
	r := &reader{path: path}
	var docs []Document
	for _, n := range r.collection(r.documents(data)) {
		if d := r.parseDocument(n); d != nil {
			docs = append(docs, d)
		}
	}
	r.errs.sort()
	return docs, r.errs
}

// collection applies the action key: global is merged into all documents after it, reset forgets the globals, repeat is
// merged over the document before it.
func (r *reader) collection(nodes []*Node) []*Node {
	var out []*Node
	global, previous := &Node{Kind: MapNode}, (*Node)(nil)
	for _, n := range nodes {
		if n.Kind != MapNode {
			r.fail(n.Pos, "", "a document that is "+n.describe(), "a map with title, logsource and detection")
			continue
		}
		action := n.get("action")
		body := n.without("action")
		switch {
		case action == nil:
			previous = merge(global, body)
		case action.Text == "global":
			global, previous = merge(global, body), nil
			continue
		case action.Text == "reset":
			global, previous = &Node{Kind: MapNode}, nil
			if len(body.Keys) == 0 {
				continue
			}
			previous = body
		case action.Text == "repeat" && previous != nil:
			previous = merge(previous, body)
		case action.Text == "repeat":
			r.fail(action.Pos, "action", "repeat with no document before it", "put it after the document that it changes")
			continue
		default:
			r.fail(action.Pos, "action", action.describe(), suggest(action.Text, []string{"global", "reset", "repeat"}))
			continue
		}
		out = append(out, previous)
	}
	return out
}

func (n *Node) without(key string) *Node {
	out := &Node{Kind: MapNode, Pos: n.Pos}
	for i, k := range n.Keys {
		if k.Text != key {
			out.Keys, out.Items = append(out.Keys, k), append(out.Items, n.Items[i])
		}
	}
	return out
}

// merge returns a map with the keys of both; maps are merged key by key, anything else is taken from over.
func merge(base, over *Node) *Node {
	if base.Kind != MapNode || over.Kind != MapNode || len(base.Keys) == 0 {
		return over
	}
	out := &Node{Kind: MapNode, Pos: over.Pos, Keys: slices.Clone(base.Keys), Items: slices.Clone(base.Items)}
	for i, k := range over.Keys {
		at := slices.IndexFunc(out.Keys, func(have *Node) bool { return have.Text == k.Text })
		if at < 0 {
			out.Keys, out.Items = append(out.Keys, k), append(out.Items, over.Items[i])
			continue
		}
		out.Keys[at], out.Items[at] = k, merge(out.Items[at], over.Items[i])
	}
	return out
}

// sections are the keys that decide what a document is.
var sections = []string{"detection", "correlation", "filter", "baseline"}

// parseDocument returns nil after any fault.
func (r *reader) parseDocument(n *Node) Document {
	before := len(r.errs)
	var kinds []string
	for _, k := range n.Keys {
		if slices.Contains(sections, k.Text) {
			kinds = append(kinds, k.Text)
		}
	}
	meta := r.meta(n)
	if len(kinds) != 1 {
		r.kindFault(n, kinds)
		return nil
	}
	section := n.get(kinds[0])
	if section.Kind != MapNode {
		r.fail(section.Pos, kinds[0], section.describe(), "a map")
		return nil
	}
	var d Document
	switch kinds[0] {
	case "detection":
		d = r.rule(n, section, meta)
	case "correlation":
		d = r.correlation(n, section, meta)
	case "filter":
		d = r.filter(n, section, meta)
	case "baseline":
		d = &Baseline{Meta: meta, Source: r.logsource(n, false), Section: section, At: section.Pos}
	}
	if len(r.errs) > before {
		return nil
	}
	return d
}

func (r *reader) kindFault(n *Node, kinds []string) {
	if len(kinds) > 1 {
		r.fail(n.Pos, "", fmt.Sprintf("both %s and %s in one document", kinds[0], kinds[1]), "put them in two documents, split by a line ---")
		return
	}
	for _, k := range n.Keys {
		if like := closest(k.Text, sections); like != "" && !slices.Contains(knownKeys, k.Text) {
			r.fail(k.Pos, k.Text, "an unknown key, and no detection, correlation, filter or baseline", "did you mean "+like+"?")
			return
		}
	}
	r.fail(n.Pos, "", "none of the keys detection, correlation, filter, baseline", "one of them")
}
