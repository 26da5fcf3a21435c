package parse

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

func TestHintsNeverMissAWord(t *testing.T) {
	for want, words := range map[hints][]string{
		hintLog: {"login", "log in", "logon", "logged in"}, hintSign: {"sign in", "signed in"},
		hintAuth: {"authentication", "authenticate user "}, hintPass: {"password"}, hintFrom: {"from "},
		hintIP: {"src IP ", "source IP ", "server (ip "}, hintClient: {"lient ", "lient: "},
		hintConnect: {"connected to ", "connect to ", "connection to "},
	} {
		for _, w := range words {
			for _, text := range []string{w, strings.ToUpper(w), "a " + w, w + "z", "\xff" + w + "\x00"} {
				if hintsOf([]byte(text))&want == 0 {
					t.Errorf("%q: no hint of %q", text, w)
				}
			}
		}
	}
	if h := hintsOf([]byte("the quick brown fox jumps over the lazy dog")); h != 0 {
		t.Errorf("hints %b in a text without any", h)
	}
}

// seek must find what bytes.Index finds, whichever end it looks for.
func FuzzSeek(f *testing.F) {
	f.Add([]byte("a  b SRC=1 SRC=2"), " SRC=")
	f.Add([]byte("from from: from "), "from ")
	f.Add([]byte("           x"), "  x")
	f.Add([]byte("==========="), "=a=")
	f.Add([]byte("abc"), "")
	f.Add([]byte("=a=a=a=a=a=a=a=a=a=a=b"), " =b")
	f.Fuzz(func(t *testing.T, b []byte, s string) {
		if got, want := seek(b, s), strings.Index(string(b), s); got != want {
			t.Fatalf("seek(%q, %q) = %d, want %d", b, s, got, want)
		}
		if got, want := hasPrefix(b, s), strings.HasPrefix(string(b), s); got != want {
			t.Fatalf("hasPrefix(%q, %q) = %v", b, s, got)
		}
	})
}

// A line that ifilterAhead turns away has no columns that mean something.
func FuzzIfilterAhead(f *testing.F) {
	data, err := os.ReadFile("testdata/devices/ifilter.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, line := range bytes.Split(data, []byte("\n")) {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c := ifilterColumns(b)
		if (c.time >= 3 && c.sources > 0 && ifilterID(c.column[1]) || c.form != ifilterAccess) && !ifilterAhead(b) {
			t.Fatalf("%q is turned away", b)
		}
	})
}
