package run

import (
	"errors"
	"testing"

	"yagura/internal/console"
	"yagura/internal/event"
)

func tailed(t testing.TB) event.Event {
	t.Helper()
	h, err := NewHandlers(settings(t))
	if err != nil {
		t.Fatal(err)
	}
	d := &event.Draft{}
	d.Reset([]byte("<38>Nov 24 12:00:00 web01 sshd[1]: Failed password for invalid user Admin from 203.0.113.7 port 4022 ssh2"))
	d.Received = mustTime(t, "2026-11-24T03:00:05Z")
	h.New().Handle(d)
	d.Set(d.Local("vendor:code"), []byte("42"))
	var b event.Builder
	b.Append(d)
	block, err := b.Block(event.ID{Tenant: "demo", Node: "n", Epoch: 1, Seq: 1}, d.Received)
	if err != nil {
		t.Fatal(err)
	}
	return block.Event(0)
}

func TestTailMatches(t *testing.T) {
	e := tailed(t)
	for text, want := range map[string]bool{
		"":                                 true,
		"  \t":                             true,
		"failed":                           true,
		`"failed password"`:                true,
		`"password failed"`:                false,
		`"from 203.0.113.7 port"`:          true,
		"NOT failed":                       false,
		"NOT NOT failed":                   true,
		"-accepted failed":                 true,
		"NOT -failed":                      true,
		"user.name:admin":                  true,
		`user.name:"ADMIN"`:                true,
		"user.name:adm":                    false,
		"user.name:*dm*":                   true,
		"user.name:adm?n":                  true,
		"user.name:*":                      true,
		"file.path:*":                      false,
		"source.ip:203.0.113.7":            true,
		"source.ip:203.0.113.0/24":         true,
		"source.ip:203.0.113.0/29":         true,
		"source.ip:203.0.113.99/24":        true,
		"source.ip:198.51.100.0/24":        false,
		"-source.ip:198.51.100.0/24":       true,
		"user.name:admin AND process.pid:": false, // see the errors
		"fields['vendor:code']:42":         true,
		"fields['vendor:code']:4*":         true,
		"fields['none']:4*":                false,
		"user.name:admin AND failed":       true,
		"user.name:admin AND accepted":     false,
		"failed\nuser.name:admin":          true,
		"message:*invalid*":                true,
		"message:invalid":                  false,
	} {
		match, err := tailer{}.Match(text)
		if err != nil {
			if want {
				t.Errorf("%q: %v", text, err)
			}
			continue
		}
		if got := match(e); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func TestWhatTailCannotDoIsSaid(t *testing.T) {
	for text, column := range map[string]int{
		"a OR b":                         3,
		"(a b)":                          1,
		"a | count":                      3,
		"user.name:(a OR b)":             11,
		"a process.pid:>1000":            15,
		"a process.pid:[1 TO 2]":         15,
		"user.name:/adm.*/":              11,
		"user.name:":                     1,
		"a -user.name:":                  4,
		"NOT":                            3,
		"a AND":                          5,
		`"open`:                          1,
		`a user.name:"open`:              3,
		"-(a)":                           2,
		"|":                              1,
		"fields['x']:":                   1,
		"a  \t user.name:":               6,
		"user.name:a NOT source.ip:>1.2": 27,
	} {
		_, err := tailer{}.Match(text)
		var bad *console.BadRequest
		if !errors.As(err, &bad) {
			t.Errorf("%q was taken", text)
			continue
		}
		if bad.Column != column {
			t.Errorf("%q: column %d, want %d: %v", text, bad.Column, column, err)
		}
	}
}

func TestGlob(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"", "", true}, {"", "a", false}, {"*", "", true}, {"*", "abc", true}, {"?", "", false}, {"?", "a", true},
		{"a*c", "abbc", true}, {"a*c", "abbd", false}, {"*b*", "abc", true}, {"**", "x", true}, {"a?c", "abc", true},
		{"a*b*c", "axxbyyc", true}, {"a*b*c", "axxcyyb", false}, {"*aab", "aaaab", true}, {"abc*", "abc", true}, {"abc**", "ab", false},
	} {
		if got := glob(c.pattern, c.text); got != c.want {
			t.Errorf("glob(%q, %q) is %v", c.pattern, c.text, got)
		}
	}
}

func FuzzTailTerms(f *testing.F) {
	f.Add(`user.name:adm* NOT -"free words" fields['x']:1`)
	e := tailed(f)
	f.Fuzz(func(_ *testing.T, text string) {
		if match, err := (tailer{}).Match(text); err == nil {
			match(e)
		}
	})
}
