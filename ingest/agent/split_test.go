package agent

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSplit(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 33) + "1" + strings.Repeat("}", 33)
	for name, c := range map[string]struct {
		body string
		how  shape
		want []string
		err  string
	}{
		"lines of JSON":            {"{\"a\":1}\n{\"b\":\"x}\"}\r\n\n  {\"c\":[1,{}]}", shapeFound, []string{`{"a":1}`, `{"b":"x}"}`, `{"c":[1,{}]}`}, ""},
		"objects without ends":     {`{"a":1}{"b":2} {"c":3}`, shapeJSON, []string{`{"a":1}`, `{"b":2}`, `{"c":3}`}, ""},
		"one on several lines":     {"{\n  \"a\": 1,\n  \"b\": [\n 2]\n}\n", shapeJSON, []string{"{\n  \"a\": 1,\n  \"b\": [\n 2]\n}"}, ""},
		"an array":                 {` [ {"a":1} , "<13>Nov 3 h \"x\"\u3042", 5, "" , [6] ] `, shapeFound, []string{`{"a":1}`, "<13>Nov 3 h \"x\"あ", "5", "[6]"}, ""},
		"an empty array":           {`[]`, shapeJSON, nil, ""},
		"nothing":                  {" \n\r\n\t", shapeFound, nil, ""},
		"a byte order mark":        {"\ufeff{\"a\":1}\n", shapeFound, []string{`{"a":1}`}, ""},
		"text":                     {"<13>one\n\n two \r\nthree", shapeFound, []string{"<13>one", " two ", "three"}, ""},
		"JSON as text":             {"[1]\n{\"a\":\n1}", shapeLines, []string{"[1]", `{"a":`, "1}"}, ""},
		"text that looks like one": {"[2026-01-01] up\n[2026-01-02] down\n", shapeFound, []string{"[2026-01-01] up", "[2026-01-02] down"}, ""},
		"a broken array":           {`[{"a":1},`, shapeJSON, nil, "the array is broken at byte 9"},
		"an array and more":        {`[1] 2`, shapeJSON, nil, "the array is broken at byte 2"},
		"a line cut in a string":   {"{\"a\":\"x\n{\"b\":1}\n", shapeJSON, []string{`{"a":"x`, `{"b":1}`}, ""},
		"a line cut in an object":  {"{\"a\":1\n{\"b\":1}\n", shapeFound, []string{`{"a":1`, `{"b":1}`}, ""},
		"brackets that mismatch":   {"{\"a\":[1}]}\nx", shapeFound, []string{`{"a":[1}]}`, "x"}, ""},
		"too deep":                 {deep + "\n{}", shapeFound, []string{deep, "{}"}, ""},
		"words behind an object":   {"{\"a\":1} and more\n{}", shapeFound, []string{`{"a":1} and more`, "{}"}, ""},
		"too many":                 {strings.Repeat("a\n", maxRecords+1), shapeFound, nil, errRecords.Text},
		"too many in an array":     {"[" + strings.Repeat("1,", maxRecords) + "1]", shapeFound, nil, errRecords.Text},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			err := split([]byte(c.body), c.how, func(r []byte) error {
				if c.err == "" {
					got = append(got, string(r))
				}
				return nil
			})
			said := ""
			if err != nil {
				said = err.Error()
			}
			if d := cmp.Diff(c.want, got); d != "" || said != c.err {
				t.Errorf("%s\nsaid %q, want %q", d, said, c.err)
			}
		})
	}
}

// Many beginnings that do not end must not be looked at from each of them to the end.
func TestSplitIsLinear(t *testing.T) {
	for _, part := range []string{"{\n", "{\"a\":1\n", "[", "{}\n{", "{\"", "{\"a\":[\n", "\n"} {
		n := 0
		_ = split([]byte(strings.Repeat(part, 1<<20/len(part))), shapeFound, func([]byte) error { n++; return nil })
	}
}

func TestStampIn(t *testing.T) {
	for object, want := range map[string]string{
		`{"@timestamp":"2026-11-03T01:02:03.5Z","time":1}`:           "2026-11-03T01:02:03.5Z",
		`{"a":{"@timestamp":"2026-11-03T01:02:03Z"}}`:                "",
		`{"time":1793667723.25}`:                                     "2026-11-03T01:02:03.25Z",
		`{"ts":1793667723250}`:                                       "2026-11-03T01:02:03.25Z",
		`{"time":"12:00"}`:                                           "",
		`{"time":17}`:                                                "",
		`{"timestamp":"yesterday","ts":"2026-11-03T10:02:03+09:00"}`: "2026-11-03T01:02:03Z",
		`{"time":null}`:                                              "", `{`: "", ``: "", `[]`: "",
	} {
		got := ""
		if at := stampIn([]byte(object)); !at.IsZero() {
			got = at.UTC().Format("2006-01-02T15:04:05.999Z07:00")
		}
		if got != want {
			t.Errorf("%s: %q, want %q", object, got, want)
		}
	}
}

func FuzzSplit(f *testing.F) {
	for _, s := range []string{"", "{}", "[1,2]", "{\"a\":\"\\\"\"}\nx\n", "[{\"a\":[1,{}]},\"\\u3042\"]", "{\"a\":1\n{", "[\"\\ud800\"]"} {
		f.Add([]byte(s), 0)
	}
	f.Fuzz(func(t *testing.T, body []byte, how int) {
		size, n := 0, 0
		err := split(body, shape(uint(how)%3), func(r []byte) error {
			if len(r) == 0 {
				t.Error("an empty record")
			}
			size += len(r)
			n++
			return nil
		})
		if size > len(body) || n > maxRecords {
			t.Errorf("%d bytes in %d records of %d", size, n, len(body))
		}
		if err != nil && !errors.As(err, new(*refusal)) {
			t.Error(err)
		}
	})
}
