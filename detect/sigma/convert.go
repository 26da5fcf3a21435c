package sigma

import (
	"fmt"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// node converts a tree; nil after a fault.
func (y *yamlReader) node(n ast.Node, depth int) *Node {
	if depth > maxDepth {
		y.fail(y.pos(n.GetToken()), "", fmt.Sprintf("more than %d levels of nesting", maxDepth), "less")
		return nil
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		out := y.mapping(n.Values, depth)
		if out != nil && len(out.Keys) == 0 {
			out.Pos = y.pos(n.Start)
		}
		return out
	case *ast.MappingValueNode:
		return y.mapping([]*ast.MappingValueNode{n}, depth)
	case *ast.SequenceNode:
		return y.sequence(n, depth)
	case *ast.TagNode:
		return y.tagged(n, depth)
	case *ast.LiteralNode:
		text := ""
		if n.Value != nil {
			text = n.Value.Value
		}
		return &Node{Pos: y.pos(n.Start), Text: text, Style: Block}
	case *ast.NullNode, *ast.IntegerNode, *ast.FloatNode, *ast.StringNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return y.scalar(n.GetToken())
	case nil:
		return &Node{Pos: Pos{y.offset + 1, 1}}
	}
	y.fail(y.pos(n.GetToken()), "", "a form of YAML that rules do not use", "maps, lists and scalars")
	return nil
}

func (y *yamlReader) scalar(t *token.Token) *Node {
	out := &Node{Pos: y.pos(t), Text: t.Value}
	switch t.Type {
	case token.SingleQuoteType, token.DoubleQuoteType:
		out.Style = Quoted
	case token.ImplicitNullType:
		out.Text = ""
	}
	return out
}

func (y *yamlReader) tagged(n *ast.TagNode, depth int) *Node {
	out := &Node{Pos: y.pos(n.Start)}
	if n.Value != nil {
		if out = y.node(n.Value, depth+1); out == nil {
			return nil
		}
	}
	out.Tag, out.Pos = n.Start.Value, y.pos(n.Start)
	switch out.Tag {
	case "!!null", "!!str", "!!int", "!!float", "!!bool":
		if out.Kind == ScalarNode {
			return out
		}
	}
	y.fail(out.Pos, "", fmt.Sprintf("the tag %q", out.Tag), "no tag, or !!str !!int !!float !!bool !!null before a scalar")
	return nil
}

func (y *yamlReader) sequence(n *ast.SequenceNode, depth int) *Node {
	out := &Node{Kind: ListNode, Pos: y.pos(n.Start)}
	for _, v := range n.Values {
		item := y.node(v, depth+1)
		if item == nil {
			return nil
		}
		out.Items = append(out.Items, item)
	}
	return out
}

func (y *yamlReader) mapping(values []*ast.MappingValueNode, depth int) *Node {
	out := &Node{Kind: MapNode}
	seen := make(map[string]bool, len(values))
	for _, v := range values {
		key := y.key(v.Key)
		if key == nil {
			return nil
		}
		if seen[key.Text] {
			y.fail(key.Pos, "", fmt.Sprintf("the key %q stands twice", key.Text), "keep one; a list holds several values")
			return nil
		}
		seen[key.Text] = true
		val := y.node(v.Value, depth+1)
		if val == nil {
			return nil
		}
		out.Keys, out.Items = append(out.Keys, key), append(out.Items, val)
	}
	if len(out.Keys) > 0 {
		out.Pos = out.Keys[0].Pos
	}
	return out
}

func (y *yamlReader) key(n ast.MapKeyNode) *Node {
	switch n := n.(type) {
	case *ast.NullNode, *ast.IntegerNode, *ast.FloatNode, *ast.StringNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return y.scalar(n.GetToken())
	}
	y.fail(y.pos(n.GetToken()), "", "a key that is no plain or quoted text", "a text followed by a colon")
	return nil
}
