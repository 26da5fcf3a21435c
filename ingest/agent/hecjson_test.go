package agent

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestJSONString(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`"plain"`, "plain"},
		{`""`, ""},
		{`"a\"b\\c\/d\n\t\r\b\f"`, "a\"b\\c/d\n\t\r\b\f"},
		{`"\u65e5\u672c"`, "日本"},
		{`"\ud83d\ude00."`, "\U0001F600."},
		{`"\ud83d.\ude00"`, "\ufffd.\ufffd"},
		{"\"\x93\xfa\x96\x7b \\\"\"", "\x93\xfa\x96\x7b \""}, // CP932 in JSON: no UTF-8, kept
		{`"\u00e9"`, "é"},
	} {
		got, ok := jsonString([]byte(c.in))
		if !ok || string(got) != c.want {
			t.Errorf("%s: %q, %v; want %q", c.in, got, ok, c.want)
		}
	}
	for _, in := range []string{`x`, `"`, `"\u12"`, `"\`, ``, `"\u00zz"`} {
		if got, ok := jsonString([]byte(in)); ok {
			t.Errorf("%s: %q; want none", in, got)
		}
	}
}

// FuzzJSON holds the scanner against encoding/json: whatever is valid is cut as that
// decodes it, and what is not makes it neither panic nor loop.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{`{"a":1,"b":[true,null,"x\u0041"],"c":{"d":"}"}}`, `[1, 2,"]",{}] `, `"x"`, `{"`, `{"a" 1}`, `[,]`, `\`, "{\"\xff\":[[[[", `-1e5x`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		value, rest, ok := jsonCut(b)
		if ok && len(value)+len(rest) > len(b) {
			t.Fatal("more than there was")
		}
		var keys, values []string
		_ = jsonMembers(b, func(k string, v []byte) error { keys = append(keys, k); return nil })
		_ = jsonElements(b, func(v []byte) error { values = append(values, string(v)); return nil })
		_, _ = jsonString(b)
		if !jsonValid(b) {
			return
		}
		if !ok || strings.TrimSpace(string(rest)) != "" {
			t.Fatalf("%q is valid, and cut at %q", b, rest)
		}
		var list []json.RawMessage
		if json.Unmarshal(b, &list) == nil && len(list) != len(values) {
			t.Fatalf("%q: %q; want %q", b, values, list)
		}
		var object map[string]json.RawMessage
		if json.Unmarshal(b, &object) == nil && len(object) > len(keys) {
			t.Fatalf("%q: %q; want %v", b, keys, object)
		}
		var s string
		if got, is := jsonString(value); json.Unmarshal(value, &s) == nil && is && strings.ToValidUTF8(string(got), "\ufffd") != strings.ToValidUTF8(s, "\ufffd") && !strings.Contains(s, "\ufffd") {
			t.Fatalf("%q: %q; want %q", b, got, s)
		}
	})
}
