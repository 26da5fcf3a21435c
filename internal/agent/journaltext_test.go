package agent

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAMessageOfBytesIsText(t *testing.T) {
	for name, c := range map[string]struct{ entry, want, encoding string }{
		"text":       {`{"MESSAGE":"plain","_PID":"1"}`, `plain`, ""},
		"a control":  {`{"MESSAGE":[97,27,98],"_PID":"1"}`, "a\x1bb", ""},
		"no text":    {`{"_PID":"1","MESSAGE":[117,115,101,114,32,255,32,102,97,105,108,101,100]}`, "user \ufffd failed", ""},
		"cp932":      {`{"MESSAGE":[131,141,131,79,131,67,131,147]}`, "ログイン", "cp932"},
		"euc-jp":     {`{"MESSAGE":[165,237,165,176]}`, "ログ", "euc-jp"},
		"empty":      {`{"MESSAGE":[]}`, "", ""},
		"in a value": {`{"X":"\"MESSAGE\":[1]","MESSAGE":"y"}`, "y", ""},
	} {
		t.Run(name, func(t *testing.T) {
			text, encoding := readable([]byte(c.entry))
			var got map[string]any
			if err := json.Unmarshal(text, &got); err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			if d := cmp.Diff(c.want, got["MESSAGE"]); d != "" || encoding != c.encoding {
				t.Errorf("%s %q", d, encoding)
			}
			if _, kept := got["MESSAGE_BYTES"]; kept != strings.Contains(c.entry, `"MESSAGE":[`) && name != "in a value" {
				t.Errorf("%s", text)
			}
		})
	}
	for _, entry := range []string{`{"MESSAGE":["one","two"]}`, `{"MESSAGE":[1`, `{"MESSAGE":[`} {
		if text, _ := readable([]byte(entry)); string(text) != entry {
			t.Errorf("%s became %s", entry, text)
		}
	}
}
