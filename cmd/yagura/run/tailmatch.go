package run

import (
	"fmt"
	"net/netip"
	"strings"

	"yagura/internal/console"
	"yagura/internal/event"
)

// Match implements console.Tail. It understands terms joined by AND, or by
// nothing: field:value with * and ?, an address within a network, "words" of the
// line, and NOT or - before a term. What search can do beyond that needs stored
// rows, and is refused rather than taken for something else.
func (t tailer) Match(text string) (func(event.Event) bool, error) {
	terms, err := tailTerms(text)
	if err != nil {
		return nil, err
	}
	return func(e event.Event) bool {
		for _, tm := range terms {
			if tm.matches(e) == tm.not {
				return false
			}
		}
		return true
	}, nil
}

// term is one condition; an empty field is the text of the line.
type term struct {
	field, pattern string       // pattern in lower case
	network        netip.Prefix // valid: the value must lie in it
	not            bool
}

func tailTerms(text string) (terms []term, err error) {
	not, wanted := false, "" // wanted: the word before asks for a term
	at := 0
	for {
		at += len(text[at:]) - len(strings.TrimLeft(text[at:], " \t\r\n"))
		if at == len(text) {
			break
		}
		word := cutWord(text[at:])
		switch {
		case word == "AND":
			wanted = word
		case word == "NOT":
			not, wanted = !not, word
		default:
			tm, err := readTerm(word, at+1)
			if err != nil {
				return nil, err
			}
			tm.not = tm.not != not
			terms, not, wanted = append(terms, tm), false, ""
		}
		at += len(word)
	}
	if wanted != "" {
		return nil, tailFault(len(text), "there is nothing behind "+wanted)
	}
	return terms, nil
}

func tailFault(column int, what string) error {
	return &console.BadRequest{Message: what, Hint: "tail understands words and field:value, joined by AND, with NOT; `yagura query` the whole language", Column: column}
}

func readTerm(word string, column int) (tm term, err error) {
	if len(word) > 1 && word[0] == '-' {
		tm.not, word, column = true, word[1:], column+1
	}
	if word == "OR" || strings.ContainsAny(word[:1], "(|)") {
		return tm, tailFault(column, "tail has no "+word)
	}
	field, value, named := cutField(word)
	if !named {
		field, value = "", word
	}
	switch {
	case value == "":
		return tm, tailFault(column, "the value of "+field+" is missing")
	case named && strings.ContainsAny(value[:1], "([/<>"):
		return tm, tailFault(column+len(word)-len(value), fmt.Sprintf("tail has no values such as %s", value))
	case strings.Count(value, `"`)%2 == 1:
		return tm, tailFault(column, "a quote is not closed")
	}
	if tm.network, err = netip.ParsePrefix(value); err == nil && named {
		tm.network = tm.network.Masked()
	} else {
		tm.network = netip.Prefix{}
	}
	tm.field, tm.pattern = field, strings.ToLower(strings.ReplaceAll(value, `"`, ""))
	return tm, nil
}

// cutField cuts field:value; fields['a:b']:value names a field that is not ECS.
func cutField(word string) (field, value string, ok bool) {
	if rest, found := strings.CutPrefix(word, "fields['"); found {
		return strings.Cut(rest, "']:")
	}
	if word[0] == '"' {
		return "", word, false
	}
	return strings.Cut(word, ":")
}

// cutWord takes up to the next blank outside quotes.
func cutWord(text string) string {
	quoted := false
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"':
			quoted = !quoted
		case !quoted && (c == ' ' || c == '\t' || c == '\r' || c == '\n'):
			return text[:i]
		}
	}
	return text
}

func (tm term) matches(e event.Event) bool {
	switch tm.field {
	case "":
		return strings.Contains(strings.ToLower(string(e.Message())+"\n"+string(e.Raw())), tm.pattern)
	case "message":
		return glob(tm.pattern, strings.ToLower(string(e.Message())))
	}
	f, ok := event.FieldByName(tm.field)
	if !ok {
		f = e.Block().Local(tm.field)
	}
	for i := range e.Len() {
		if name, v := e.At(i); f != 0 && name == f && tm.value(v) {
			return true
		}
	}
	return false
}

func (tm term) value(v []byte) bool {
	if tm.network.IsValid() {
		addr, err := netip.ParseAddr(string(v))
		return err == nil && tm.network.Contains(addr.Unmap())
	}
	return glob(tm.pattern, strings.ToLower(string(v)))
}

// glob matches * and ? over the whole text.
func glob(pattern, text string) bool {
	star, mark := -1, 0
	p, s := 0, 0
	for s < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, s
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[s]):
			p, s = p+1, s+1
		case star >= 0:
			mark++
			p, s = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
