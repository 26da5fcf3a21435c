package sigma

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// maxAlternatives bounds what windash before an encoder and list placeholders expand to.
const maxAlternatives = 10_000

// encode runs the encoders over a pattern; base64offset and windash before another encoder give several.
func encode(p Pattern, encoders []string) ([]Pattern, error) {
	out := []Pattern{p}
	for i, name := range encoders {
		var next []Pattern
		for _, one := range out {
			made, err := encodeOne(one, name)
			if err != nil {
				return nil, err
			}
			if name == "windash" && i+1 < len(encoders) {
				if made, err = expandDashes(made[0]); err != nil {
					return nil, err
				}
			}
			next = append(next, made...)
		}
		out = next
	}
	return out, nil
}

func encodeOne(p Pattern, name string) ([]Pattern, error) {
	switch name {
	case "windash":
		return []Pattern{windash(p)}, nil
	case "wide", "utf16le":
		return []Pattern{mapLiterals(p, func(s string) string { return utf16Text(s, false) })}, nil
	case "utf16be":
		return []Pattern{mapLiterals(p, func(s string) string { return utf16Text(s, true) })}, nil
	case "utf16":
		bom := Pattern{[]Token{{Literal, "\xff\xfe"}}}
		return []Pattern{join(bom, mapLiterals(p, func(s string) string { return utf16Text(s, false) }))}, nil
	}
	text, ok := p.Whole()
	switch {
	case !ok:
		return nil, fmt.Errorf("a wildcard under %s", name)
	case text == "":
		return nil, fmt.Errorf("an empty text under %s", name)
	case name == "base64":
		return []Pattern{{[]Token{{Literal, base64.StdEncoding.EncodeToString([]byte(text))}}}}, nil
	}
	return base64Offsets(text)
}

// base64Offsets gives the three forms that the base64 of a longer text containing text can hold, each cut to the characters
// that do not depend on what stands around.
func base64Offsets(text string) ([]Pattern, error) {
	var out []Pattern
	for shift := range 3 {
		encoded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat(" ", shift) + text))
		// The first characters hold bits of the bytes before, the last those of the bytes after.
		start := [3]int{0, 2, 3}[shift]
		end := len(encoded) - [3]int{0, 3, 2}[(shift+len(text))%3]
		if start >= end {
			return nil, errors.New("a text that is too short for base64offset")
		}
		out = append(out, Pattern{[]Token{{Literal, encoded[start:end]}}})
	}
	return out, nil
}

func mapLiterals(p Pattern, f func(string) string) Pattern {
	var out Pattern
	for _, t := range p.Tokens {
		if t.Kind == Literal {
			t.Text = f(t.Text)
		}
		out.add(t)
	}
	return out
}

func utf16Text(s string, bigEndian bool) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(s)) {
		high, low := byte(u>>8), byte(u)
		if !bigEndian {
			high, low = low, high
		}
		b.WriteByte(high)
		b.WriteByte(low)
	}
	return b.String()
}

// windash replaces each - or / that begins a parameter (no word character before, one after) by a Dash.
func windash(p Pattern) Pattern {
	var out Pattern
	for _, t := range p.Tokens {
		if t.Kind != Literal {
			out.add(t)
			continue
		}
		from, word := 0, false
		for i, c := range t.Text {
			if (c == '-' || c == '/') && !word {
				if next, _ := utf8.DecodeRuneInString(t.Text[i+1:]); isWord(next) {
					out.add(Token{Literal, t.Text[from:i]})
					out.add(Token{Kind: Dash})
					from = i + 1
				}
			}
			word = isWord(c)
		}
		out.add(Token{Literal, t.Text[from:]})
	}
	return out
}

func isWord(c rune) bool {
	return c == '_' || c != utf8.RuneError && (unicode.IsLetter(c) || unicode.IsNumber(c))
}

// expandDashes writes every combination of dash characters out, as encoders need literal text.
func expandDashes(p Pattern) ([]Pattern, error) {
	out := []Pattern{{}}
	for _, t := range p.Tokens {
		if t.Kind != Dash {
			for i := range out {
				out[i].add(t)
			}
			continue
		}
		var next []Pattern
		for _, one := range out {
			for _, c := range DashChars {
				next = append(next, join(one, Pattern{[]Token{{Literal, string(c)}}}))
			}
		}
		if out = next; len(out) > 625 {
			return nil, errors.New("more than four parameters under windash and an encoder")
		}
	}
	return out, nil
}
