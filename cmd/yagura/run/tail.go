package run

import (
	"context"
	"strings"

	"yagura/internal/bus"
	"yagura/internal/console"
	"yagura/internal/event"
)

// tailer gives live blocks from the bus: after parsing, before storing.
type tailer struct{ m *Main }

// Subscribe implements console.Tail.
func (t tailer) Subscribe(ctx context.Context) (<-chan *event.Block, error) {
	r, err := t.m.bus.Blocks(ctx, "", bus.Newest)
	if err != nil {
		return nil, err
	}
	out := make(chan *event.Block)
	go func() {
		defer close(out)
		defer r.Close()
		for {
			d, err := r.Next(ctx)
			if err != nil {
				return
			}
			d.Commit()
			select {
			case out <- d.Value:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out, nil
}

// Match implements console.Tail. It understands terms joined by AND:
// field:value with * and ?, "words", and NOT before a term. What search can do
// beyond that needs stored rows.
func (t tailer) Match(text string) (func(event.Event) bool, error) {
	var terms []term
	rest := strings.TrimSpace(text)
	for column := 1; rest != ""; {
		tm, n, err := nextTerm(rest, column)
		if err != nil {
			return nil, err
		}
		if tm.pattern != "" {
			terms = append(terms, tm)
		}
		column += n
		trimmed := strings.TrimLeft(rest[n:], " ")
		column += len(rest[n:]) - len(trimmed)
		rest = trimmed
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
	field, pattern string // pattern in lower case
	not            bool
}

// nextTerm cuts a term off the text and returns how many bytes it took.
func nextTerm(text string, column int) (tm term, n int, err error) {
	for {
		word, size := cutWord(text[n:])
		n += size
		switch {
		case word == "AND":
		case word == "NOT":
			tm.not = !tm.not
		case word == "OR" || strings.ContainsAny(word[:1], "(|)"):
			return tm, n, &console.BadRequest{Message: "tail understands terms joined by AND, no " + word, Hint: "use `yagura query` for the whole language", Column: column}
		default:
			if strings.HasPrefix(word, "-") && len(word) > 1 {
				tm.not, word = !tm.not, word[1:]
			}
			field, value, ok := strings.Cut(word, ":")
			if !ok || strings.HasPrefix(word, `"`) {
				field, value = "", word
			}
			tm.field, tm.pattern = field, strings.ToLower(strings.ReplaceAll(value, `"`, ""))
			return tm, n, nil
		}
		trimmed := strings.TrimLeft(text[n:], " ")
		n = len(text) - len(trimmed)
		if trimmed == "" {
			return tm, n, nil
		}
	}
}

// cutWord takes up to the next blank outside quotes.
func cutWord(text string) (word string, size int) {
	quoted := false
	for i := range len(text) {
		switch {
		case text[i] == '"':
			quoted = !quoted
		case text[i] == ' ' && !quoted:
			return text[:i], i
		}
	}
	return text, len(text)
}

func (tm term) matches(e event.Event) bool {
	if tm.field == "" {
		return strings.Contains(strings.ToLower(string(e.Message())+"\n"+string(e.Raw())), tm.pattern)
	}
	if tm.field == "message" {
		return glob(tm.pattern, strings.ToLower(string(e.Message())))
	}
	f, ok := event.FieldByName(tm.field)
	if !ok {
		f = e.Block().Local(tm.field)
	}
	for i := range e.Len() {
		if name, v := e.At(i); name == f && f != 0 && glob(tm.pattern, strings.ToLower(string(v))) {
			return true
		}
	}
	return false
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
