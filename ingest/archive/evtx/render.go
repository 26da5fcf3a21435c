package evtx

import (
	"fmt"
	"unicode/utf16"
)

// renderer writes records as XML.
type renderer struct {
	chunk []byte
	out   []byte
	deep  int
}

func (r *renderer) use(chunk []byte) { r.chunk = chunk }

// render writes the BinXml of chunk[from:to]; valid until the next call.
func (r *renderer) render(from, to int) ([]byte, error) {
	r.out, r.deep = r.out[:0], 0
	c := cursor{chunk: r.chunk, at: from, end: to, bare: true}
	if err := r.fragments(&c, nil); err != nil {
		return nil, err
	}
	return r.out, nil
}

// fragments writes what stands beside one another: templates and elements.
func (r *renderer) fragments(c *cursor, values []value) error {
	if r.deep++; r.deep > maxDepth {
		return errDeep
	}
	defer func() { r.deep-- }()
	for c.err == nil && c.at < c.end {
		switch token := c.u8(); token &^ moreFollows {
		case tokenEnd:
			return c.err
		case tokenFragment:
			c.take(3) // version, flags
		case tokenTemplate:
			definition, given := c.template()
			if c.err != nil {
				return c.err
			}
			if err := r.fragments(&definition, given); err != nil {
				return err
			}
		case tokenOpen:
			if err := r.element(c, values, token&moreFollows != 0); err != nil {
				return err
			}
		case tokenPITarget:
			c.name()
		case tokenPIData:
			c.text()
		default:
			return fmt.Errorf("token %#02x where an element begins", token)
		}
		if len(r.out) > maxXML {
			return errLarge
		}
	}
	return c.err
}

// element writes an element; one around an array is written once for each item, as
// Windows does.
func (r *renderer) element(c *cursor, values []value, attributes bool) error {
	if r.deep++; r.deep > maxDepth {
		return errDeep
	}
	defer func() { r.deep-- }()
	r.head(c)
	start := len(r.out)
	name := r.tag(c.name())
	if attributes {
		c.u32() // bytes of the attributes
		for c.err == nil && c.peek()&^moreFollows == tokenAttribute {
			if err := r.attribute(c, values); err != nil {
				return err
			}
		}
	}
	switch token := c.u8(); token {
	case tokenCloseEmpty:
		r.out = append(r.out, "/>"...)
		return c.err
	case tokenClose:
		r.out = append(r.out, '>')
	default:
		if c.err != nil {
			return c.err
		}
		return fmt.Errorf("token %#02x inside an element's head", token)
	}
	open := string(r.out[start:])
	if err := r.content(c, values, open, name); err != nil {
		return err
	}
	r.close(name)
	return c.err
}

// head reads what stands before an element's name: a dependency, which only elements
// of a template's definition have, and the size.
func (r *renderer) head(c *cursor) {
	if !c.bare {
		c.u16()
	}
	c.u32()
}

// tag writes "<name" and returns the name as UTF-8.
func (r *renderer) tag(name []byte) string {
	at := len(r.out) + 1
	r.out = append(r.out, '<')
	r.out = appendName(r.out, name)
	return string(r.out[at:])
}

func (r *renderer) close(name string) {
	r.out = append(r.out, "</"...)
	r.out = append(r.out, name...)
	r.out = append(r.out, '>')
}

// attribute writes one, or nothing when its value is optional and not there.
func (r *renderer) attribute(c *cursor, values []value) error {
	c.u8()
	start := len(r.out)
	r.out = append(r.out, ' ')
	r.out = appendName(r.out, c.name())
	r.out = append(r.out, '=', '"')
	before, absent := len(r.out), false
	for c.err == nil {
		switch token := c.peek() &^ moreFollows; token {
		case tokenValue, tokenCharRef, tokenEntity, tokenSubstitution, tokenOptional:
			if v, ok := r.piece(c, values); ok {
				absent = absent || token == tokenOptional && v.absent()
				if err := r.value(v, c.chunk); err != nil {
					return err
				}
			}
			continue
		}
		break
	}
	if absent && len(r.out) == before {
		r.out = r.out[:start]
		return c.err
	}
	r.out = append(r.out, '"')
	return c.err
}

// content writes what stands between an element's tags.
func (r *renderer) content(c *cursor, values []value, open, name string) error {
	for c.err == nil {
		switch token := c.peek(); token &^ moreFollows {
		case tokenEndElement:
			c.u8()
			return nil
		case tokenOpen:
			c.u8()
			if err := r.element(c, values, token&moreFollows != 0); err != nil {
				return err
			}
		case tokenValue, tokenCharRef, tokenEntity, tokenSubstitution, tokenOptional, tokenCDATA:
			v, ok := r.piece(c, values)
			if !ok {
				continue
			}
			if err := r.items(v, open, name, c.chunk); err != nil {
				return err
			}
		case tokenTemplate, tokenFragment:
			inner := *c
			inner.bare = false
			if err := r.oneFragment(&inner, values); err != nil {
				return err
			}
			c.at, c.err = inner.at, inner.err
		case tokenPITarget:
			c.u8()
			c.name()
		case tokenPIData:
			c.u8()
			c.text()
		case tokenEnd:
			return errCut
		default:
			return fmt.Errorf("token %#02x inside an element", token)
		}
		if len(r.out) > maxXML {
			return errLarge
		}
	}
	return c.err
}

// oneFragment writes a template that stands inside an element.
func (r *renderer) oneFragment(c *cursor, _ []value) error {
	if c.u8()&^moreFollows == tokenFragment {
		c.take(3)
		return c.err
	}
	definition, given := c.template()
	if c.err != nil {
		return c.err
	}
	return r.fragments(&definition, given)
}

// piece reads a token that gives text; ok is false where it gives none.
func (r *renderer) piece(c *cursor, values []value) (v value, ok bool) {
	switch c.u8() &^ moreFollows {
	case tokenValue:
		kind := c.u8()
		if kind != kindString {
			c.err = fmt.Errorf("a value of type %#02x in a template", kind)
			return v, false
		}
		return value{kind: kindString, data: c.text()}, c.err == nil
	case tokenCDATA:
		return value{kind: kindString, data: c.text()}, c.err == nil
	case tokenCharRef:
		r.out = fmt.Appendf(r.out, "&#%d;", c.u16())
		return v, false
	case tokenEntity:
		r.out = append(r.out, '&')
		r.out = appendName(r.out, c.name())
		r.out = append(r.out, ';')
		return v, false
	}
	id := int(c.u16())
	c.u8() // the type, as that of the value
	if c.err != nil || id >= len(values) {
		return value{kind: kindNull}, true
	}
	return values[id], true
}

// appendName appends a UTF-16 name as UTF-8, without what would end it.
func appendName(dst, name []byte) []byte {
	for i := 0; i+1 < len(name); i += 2 {
		switch c := rune(name[i]) | rune(name[i+1])<<8; {
		case c == '<' || c == '>' || c == '"' || c == '&' || c <= ' ' || utf16.IsSurrogate(c):
			dst = append(dst, '_')
		default:
			dst = append(dst, string(c)...)
		}
	}
	return dst
}
