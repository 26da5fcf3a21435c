package syslog

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// relpRender writes a stream's frames one a line, and how it ended.
func relpRender(f *RELPFramer) (lines []string) {
	for {
		frame, err := f.Next()
		switch {
		case errors.Is(err, ErrNotRELP):
			return append(lines, "garbage")
		case err != nil:
			return append(lines, err.Error())
		}
		text := fmt.Sprintf("%d %s %q", frame.Txnr, frame.Command, frame.Data)
		if frame.Original > len(frame.Data) {
			text += fmt.Sprintf(" of %d", frame.Original)
		}
		lines = append(lines, text)
	}
}

var relpStreams = []struct{ name, in, want string }{
	{"nothing", "", "EOF"},
	{"data", "2 syslog 6 <13>ab\n", `2 syslog "<13>ab"|EOF`},
	{"no data", "9 close 0\n", `9 close ""|EOF`},
	{"no data, with its blank", "9 close 0 \n", `9 close ""|EOF`},
	{"several", "1 open 14 relp_version=0\n2 syslog 2 hi\n3 close 0\n", `1 open "relp_version=0"|2 syslog "hi"|3 close ""|EOF`},
	{"line feeds and NUL in the data", "2 syslog 5 a\nb\x00\n\n", `2 syslog "a\nb\x00\n"|EOF`},
	{"data that looks like a frame", "2 syslog 11 3 syslog 1 \n3 syslog 1 x\n", `2 syslog "3 syslog 1 "|3 syslog "x"|EOF`},
	{"highest numbers", "999999999 syslog 000000001 x\n", `999999999 syslog "x"|EOF`},
	{"zeros before a number", "007 syslog 01 x\n", `7 syslog "x"|EOF`},
	{"command of 32 letters", "1 " + strings.Repeat("a", 32) + " 0\n", `1 ` + strings.Repeat("a", 32) + ` ""|EOF`},
	{"exactly the bound", "1 syslog 20 " + strings.Repeat("x", 20) + "\n", `1 syslog "` + strings.Repeat("x", 20) + `"|EOF`},
	{"over the bound is cut, the next one whole", "1 syslog 21 " + strings.Repeat("x", 20) + "y\n2 syslog 1 z\n", `1 syslog "` + strings.Repeat("x", 20) + `" of 21|2 syslog "z"|EOF`},
	{"far over the bound", "1 syslog 9000 " + strings.Repeat("x", 9000) + "\n2 syslog 1 z\n", `1 syslog "` + strings.Repeat("x", 20) + `" of 9000|2 syslog "z"|EOF`},

	{"number of ten digits", "1234567890 syslog 1 x\n", "garbage"},
	{"number 0, the server's own", "0 serverclose 0\n", "garbage"},
	{"negative number", "-1 syslog 1 x\n", "garbage"},
	{"no number", " syslog 1 x\n", "garbage"},
	{"plain syslog", "<13>Nov  3 10:00:00 gate01 su: x\n", "garbage"},
	{"octet-counted syslog", "20 <13>Nov  3 10:00:00\n", "garbage"},
	{"HTTP", "GET / HTTP/1.1\r\n\r\n", "garbage"},
	{"TLS", "\x16\x03\x01\x02\x00\x01", "garbage"},
	{"NUL", "\x00\x00", "garbage"},
	{"empty line between frames", "1 close 0\n\n2 close 0\n", `1 close ""|garbage`},
	{"command of 33 letters", "1 " + strings.Repeat("a", 33) + " 0\n", "garbage"},
	{"no command", "1  0\n", "garbage"},
	{"digits in the command", "1 sys1og 0\n", "garbage"},
	{"length of ten digits", "1 syslog 0000000001 x\n", "garbage"},
	{"length above 16 MiB", "1 syslog 16777217 ", "garbage"},
	{"negative length", "1 syslog -1 x\n", "garbage"},
	{"no length", "1 syslog \n", "garbage"},
	{"no blank before data", "1 syslog 1\nx\n", "garbage"},
	{"longer than its length", "1 syslog 2 abc\n", "garbage"},
	{"shorter than its length", "1 syslog 4 ab\n2 syslog 1 x\n", "garbage"},
	{"CR before the end", "1 close 0\r\n", "garbage"},
	{"cut in the number", "12", "unexpected EOF"},
	{"cut in the command", "12 sys", "unexpected EOF"},
	{"cut before the data", "12 syslog 3 ", "unexpected EOF"},
	{"cut in the data", "1 close 0\n12 syslog 30 abc", `1 close ""|unexpected EOF`},
	{"cut before the end", "12 syslog 3 abc", "unexpected EOF"},
	{"cut in data over the bound", "12 syslog 300 " + strings.Repeat("x", 40), "unexpected EOF"},
}

func TestRELPFrames(t *testing.T) {
	for _, c := range relpStreams {
		t.Run(c.name, func(t *testing.T) {
			for how, r := range map[string]io.Reader{
				"whole": strings.NewReader(c.in), "byte by byte": iotest.OneByteReader(strings.NewReader(c.in)),
				"with its end": iotest.DataErrReader(strings.NewReader(c.in)),
			} {
				if d := cmp.Diff(strings.Split(c.want, "|"), relpRender(NewRELPFramer(r, 20))); d != "" {
					t.Errorf("%s:\n%s", how, d)
				}
			}
		})
	}
}

// FuzzRELPFramer wants the same frames however the stream is cut into reads, within
// the bounds.
func FuzzRELPFramer(f *testing.F) {
	for _, c := range relpStreams {
		f.Add([]byte(c.in))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		whole := NewRELPFramer(bytes.NewReader(in), 20)
		want := relpRender(whole)
		if len(whole.buf) > 20+slack {
			t.Errorf("a buffer of %d bytes", len(whole.buf))
		}
		if d := cmp.Diff(want, relpRender(NewRELPFramer(iotest.OneByteReader(bytes.NewReader(in)), 20))); d != "" {
			t.Error(d)
		}
	})
}
