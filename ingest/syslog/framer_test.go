package syslog

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// render cuts the whole stream and writes a line for each frame: its data, then
// what is particular about it.
func render(r io.Reader, max int, framing Framing) ([]string, error) {
	f := NewFramer(r, max, framing)
	var out []string
	for {
		frame, err := f.Next()
		if err != nil {
			return out, err
		}
		s := fmt.Sprintf("%q", frame.Data)
		if frame.Counted {
			s += " counted"
		}
		if frame.Original != len(frame.Data) {
			s += fmt.Sprintf(" of %d", frame.Original)
		}
		if frame.Damaged != "" {
			s += " " + frame.Damaged
		}
		out = append(out, s)
	}
}

func TestFramer(t *testing.T) {
	const max = 32
	long := "<13>" + strings.Repeat("x", 60)
	cut := fmt.Sprintf("%q", long[:max])
	tests := []struct {
		name    string
		in      string
		framing Framing
		want    []string
	}{
		{"lines", "<13>a\n<13>b\r\n<13>c\n", Auto, []string{`"<13>a"`, `"<13>b"`, `"<13>c"`}},
		{"empty lines are no frames", "\n\n\r\n<13>a\n\n\r\n<13>b\n", Auto, []string{`"<13>a"`, `"<13>b"`}},
		{"CR inside stays", "<13>a\rb\r\r\n", Auto, []string{`"<13>a\rb\r"`}},
		{"NUL ends lines", "<13>a\x00<13>b\x00<13>c\x00", Auto, []string{`"<13>a"`, `"<13>b"`, `"<13>c"`}},
		{"LF and NUL end a line", "<13>a\n\x00<13>b\n\x00", Auto, []string{`"<13>a"`, `"<13>b"`}},
		{"NUL then LF", "<13>a\x00<13>b\x00\n<13>c\n", Auto, []string{`"<13>a"`, `"<13>b"`, `"<13>c"`}},
		{"NUL ends GELF", "{\"a\":1}\x00{\"b\":2}\x00", Auto, []string{`"{\"a\":1}"`, `"{\"b\":2}"`}},
		{"line filled with NUL stays whole", "<13>a\x00\x00\x00b\n<13>c\n", Auto, []string{`"<13>a\x00\x00\x00b"`, `"<13>c"`}},
		{"counted", "5 <13>a6 <13>bc", Auto, []string{`"<13>a" counted`, `"<13>bc" counted`}},
		{"counted with LF between", "5 <13>a\n6 <13>bc\n", Auto, []string{`"<13>a" counted`, `"<13>bc" counted`}},
		{"counted holds LF and NUL", "9 <13>a\n\x00\nb5 <13>c", Auto, []string{`"<13>a\n\x00\nb" counted`, `"<13>c" counted`}},
		{"counted then without PRI", "5 <13>a3 abc", Auto, []string{`"<13>a" counted`, `"abc" counted`}},
		{"number first in a line", "3 abc\n10 monkeys\n", Auto, []string{`"3 abc"`, `"10 monkeys"`}},
		{"date first in a line", "2026-11-24 x\n2026 x\n", Auto, []string{`"2026-11-24 x"`, `"2026 x"`}},
		{"changes of framing", "<13>a\n5 <13>b<13>c\n5 <13>d\n<13>e\n", Auto,
			[]string{`"<13>a"`, `"<13>b" counted`, `"<13>c"`, `"<13>d" counted`, `"<13>e"`}},
		{"count 0", "0 <13>a\n<13>b\n", Auto, []string{`"0 <13>a" frame_count`, `"<13>b"`}},
		{"count 01", "05 <13>a\n5 <13>b", Auto, []string{`"05 <13>a" frame_count`, `"<13>b" counted`}},
		{"count -5", "-5 <13>a\n<13>b\n", Auto, []string{`"-5 <13>a" frame_count`, `"<13>b"`}},
		{"count 2^31", "2147483648 <13>a\n<13>b\n", Auto, []string{`"2147483648 <13>a" frame_count`, `"<13>b"`}},
		{"count 2^64", "18446744073709551616 <13>a\n<13>b\n", Auto, []string{`"18446744073709551616 <13>a" frame_count`, `"<13>b"`}},
		{"count without end", strings.Repeat("9", 40) + " <13>a\n<13>b\n", Auto,
			[]string{`"` + strings.Repeat("9", 32) + `" of 46`, `"<13>b"`}},
		{"count of 17 MiB", "17825792 <13>a\n<13>b\n", Auto, []string{`"17825792 <13>a" frame_count`, `"<13>b"`}},
		{"count short", "6 <13>hello\n<13>b\n", Auto, []string{`"<13>he" counted`, `"llo" frame_count`, `"<13>b"`}},
		{"count long", "9 <13>a\n<13>b\n<13>c\n", Auto, []string{`"<13>a\n<13" counted`, `">b" frame_count`, `"<13>c"`}},
		{"counts of characters", "6 <13>日本5 <13>b5 <13>c", Auto,
			[]string{`"<13>\xe6\x97" counted`, `"\xa5本" frame_count`, `"<13>b" counted`, `"<13>c" counted`}},
		{"counts of characters, the text ends in digits", "9 <13>日本 305 <13>b7 <13>日本25 <13>c", Auto,
			[]string{`"<13>日\xe6\x9c" counted`, `"\xac 30" frame_count`, `"<13>b" counted`, `"<13>日" counted`, `"本2" frame_count`, `"<13>c" counted`}},
		{"count long, counted goes on", "7 <13>a15 <13>0123456789 5 <13>c", Auto,
			[]string{`"<13>a15" counted`, `" <13>0123456789 " frame_count`, `"<13>c" counted`}},
		{"count short, counts that are none in the rest", "5 <13>ab 00 <13> 5<1> 5 <192> 5 <1x x <1> 5 <13>c", Auto,
			[]string{`"<13>a" counted`, `"b 00 <13> 5<1> 5 <192> 5 <1x x <" of 35 frame_count`, `"<13>c" counted`}},
		{"count short, the rest ends in digits", "5 <13>ax44305 <13>b", Auto, []string{`"<13>a" counted`, `"x4430" frame_count`, `"<13>b" counted`}},
		{"count short, the rest ends the stream in a count", "5 <13>ab 5 <1", Auto, []string{`"<13>a" counted`, `"b 5 <1" frame_count`}},
		{"count short, a rest beyond the bound", "5 <13>a" + strings.Repeat("x", 60) + "6 <13>bb\n", Auto,
			[]string{`"<13>a" counted`, `"` + strings.Repeat("x", 32) + `" of 60 frame_count`, `"<13>bb" counted`}},
		{"count and end", "20 <13>a", Auto, []string{`"<13>a" counted frame_short`}},
		{"count alone", "5 <13>a7 ", Auto, []string{`"<13>a" counted`, `"7 " frame_short`}},
		{"digits alone", "12", Auto, []string{`"12" frame_unterminated`}},
		{"no end of line", "<13>a\n<13>b", Auto, []string{`"<13>a"`, `"<13>b" frame_unterminated`}},
		{"ends in NUL", "<13>a\x00", Auto, []string{`"<13>a"`}},
		{"ends in CR", "<13>a\r", Auto, []string{`"<13>a\r" frame_unterminated`}},
		{"oversize line", long + "\n<13>b\n", Auto, []string{cut + " of 64", `"<13>b"`}},
		{"oversize line, CRLF", long + "\r\n<13>b\n", Auto, []string{cut + " of 64", `"<13>b"`}},
		{"oversize line, NUL", long + "\x00<13>b\n", Auto, []string{cut + " of 64", `"<13>b"`}},
		{"oversize line, no end", long, Auto, []string{cut + " of 64 frame_unterminated"}},
		{"one above the bound", long[:33] + "\n<13>b\n", Auto, []string{cut + " of 33", `"<13>b"`}},
		{"at the bound", long[:32] + "\r\n<13>b\n", Auto, []string{cut, `"<13>b"`}},
		{"oversize counted", "64 " + long + "5 <13>b", Auto, []string{cut + " counted of 64", `"<13>b" counted`}},
		{"oversize counted, no end", "80 " + long, Auto, []string{cut + " counted of 64 frame_short"}},
		{"octet only", "1 a2 bc\n3 d\ne", Octet, []string{`"a" counted`, `"bc" counted`, `"d\ne" counted`}},
		{"octet only, damaged", "<13>a\n5 <13>b", Octet, []string{`"<13>a" frame_count`, `"<13>b" counted`}},
		{"newline only", "5 <13>a\n7 <13>b\n", Newline, []string{`"5 <13>a"`, `"7 <13>b"`}},
		{"nothing", "", Auto, nil},
		{"only ends", "\n\r\n\x00\n", Auto, nil},
		{"raw bytes", "<13>\xff\xfe\x1b[0m\x8e\xb1\n", Auto, []string{`"<13>\xff\xfe\x1b[0m\x8e\xb1"`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			readers := map[string]io.Reader{
				"whole":    strings.NewReader(tt.in),
				"bytes":    iotest.OneByteReader(strings.NewReader(tt.in)),
				"data+EOF": iotest.DataErrReader(strings.NewReader(tt.in)),
			}
			for how, r := range readers {
				got, err := render(r, max, tt.framing)
				if err != io.EOF {
					t.Errorf("%s: error %v, want EOF", how, err)
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", how, diff)
				}
			}
		})
	}
}

// repeat yields n times the same byte, then what follows.
type repeat struct {
	c    byte
	n    int
	then io.Reader
}

func (r *repeat) Read(p []byte) (int, error) {
	if r.n == 0 {
		return r.then.Read(p)
	}
	k := min(len(p), r.n)
	for i := range p[:k] {
		p[i] = r.c
	}
	r.n -= k
	return k, nil
}

func TestFramerEndless(t *testing.T) {
	f := NewFramer(&repeat{'x', 40 << 20, strings.NewReader("\n<13>b\n")}, 1024, Auto)
	frame, err := f.Next()
	if err != nil || frame.Damaged != DamagedEndless || len(frame.Data) != 1024 || frame.Original < maxFrame {
		t.Fatalf("got %d of %d %q, %v", len(frame.Data), frame.Original, frame.Damaged, err)
	}
	frame, err = f.Next()
	if err != nil || string(frame.Data) != "<13>b" || frame.Damaged != "" {
		t.Fatalf("next line: %q %q, %v", frame.Data, frame.Damaged, err)
	}
	if len(f.buf) > 1024+slack {
		t.Errorf("buffer grew to %d bytes", len(f.buf))
	}
}

func TestFramerReaderFails(t *testing.T) {
	broken := errors.New("reset")
	r := io.MultiReader(strings.NewReader("<13>a\n<13>b"), iotest.ErrReader(broken))
	got, err := render(r, 0, Auto)
	if err != broken {
		t.Errorf("error %v, want %v", err, broken)
	}
	if diff := cmp.Diff([]string{`"<13>a"`, `"<13>b" frame_unterminated`}, got); diff != "" {
		t.Error(diff)
	}
	if _, err := render(iotest.ErrReader(nil), 0, Auto); err != io.ErrNoProgress {
		t.Errorf("reader without progress: %v", err)
	}
}

// quiet says ErrQuiet between its parts.
type quiet struct{ parts []string }

func (q *quiet) Read(p []byte) (int, error) {
	if len(q.parts) == 0 {
		return 0, io.EOF
	}
	if q.parts[0] == "" {
		q.parts = q.parts[1:]
		return 0, fmt.Errorf("pause: %w", ErrQuiet)
	}
	n := copy(p, q.parts[0])
	q.parts[0] = q.parts[0][n:]
	return n, nil
}

func TestFramerQuiet(t *testing.T) {
	for name, c := range map[string]struct {
		parts []string
		want  []string
	}{
		"NUL and silence":         {[]string{"<13>a\x00", "<13>b\x00", "<13>c\x00"}, []string{`"<13>a"`, `"<13>b"`, `"<13>c"`}},
		"a line goes on":          {[]string{"<13>a", "b\n<13>", "c\n"}, []string{`"<13>ab"`, `"<13>c"`}},
		"NUL inside":              {[]string{"<13>a\x00b", "c\n"}, []string{`"<13>a\x00bc"`}},
		"without PRI":             {[]string{"abc\x00", "def\x00"}, []string{`"abc"`, `"def"`}},
		"between frames, nothing": {[]string{"<13>a\n", "", "<13>b\n"}, []string{`"<13>a"`, `"<13>b"`}},
		"inside a counted one":    {[]string{"8 <13>a\x00", "bc5 <13>d"}, []string{`"<13>a\x00bc" counted`, `"<13>d" counted`}},
	} {
		got, err := render(&quiet{c.parts}, 32, Auto)
		if err != io.EOF {
			t.Errorf("%s: %v", name, err)
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

// pieces reads in pieces of random size.
type pieces struct {
	r   io.Reader
	rnd *rand.Rand
}

func (p pieces) Read(b []byte) (int, error) { return p.r.Read(b[:min(len(b), 1+p.rnd.IntN(9))]) }

func FuzzFramer(f *testing.F) {
	for _, s := range []string{
		"<13>a\n5 <13>b<13>c\r\n", "18446744073709551616 <1>\n", "0 <", "-5 <1>a\n", "9 <13>\x00", "\x00<\x00\x00<\n",
		"99 <" + strings.Repeat("x", 70) + "\x00<1>\x00", "3 <ab12 x\n1 2 3 4", "<1>\r\r\n\x00\n\x00<", "7 ", "01 <\n",
		"5 <13>abcd6 <13>bb5 <13>c", "6 <13>日本5 <13>b5 <13>c\n", "5 <1>ab 99 <1", "4 <1>axxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx4 <1>b",
	} {
		f.Add([]byte(s), uint64(1), uint8(16), uint8(0))
	}
	f.Fuzz(func(t *testing.T, in []byte, seed uint64, max, framing uint8) {
		bound, mode := int(max)+4, Framing(framing%3) // a shorter one makes checkBytes guess
		whole, err := render(bytes.NewReader(in), bound, mode)
		if err != io.EOF {
			t.Fatalf("error %v", err)
		}
		cut, err := render(pieces{bytes.NewReader(in), rand.New(rand.NewPCG(seed, 0))}, bound, mode)
		if err != io.EOF {
			t.Fatalf("in pieces: error %v", err)
		}
		if diff := cmp.Diff(whole, cut); diff != "" {
			t.Fatalf("depends on how it is read (-whole +pieces):\n%s", diff)
		}
		checkBytes(t, in, bound, mode)
	})
}

// checkBytes holds that frames are parts of the stream, in order, within bounds,
// and that only ends and counts lie between them.
func checkBytes(t *testing.T, in []byte, bound int, mode Framing) {
	fr := NewFramer(bytes.NewReader(in), bound, mode)
	rest := in
	for {
		frame, err := fr.Next()
		if err != nil {
			break
		}
		if len(frame.Data) > bound || len(frame.Data) > frame.Original || len(frame.Data) == 0 {
			t.Fatalf("frame of %d, original %d, bound %d", len(frame.Data), frame.Original, bound)
		}
		for !bytes.HasPrefix(rest, frame.Data) || frame.Counted {
			if len(rest) == 0 || !strings.ContainsRune("\r\n\x00", rune(rest[0])) {
				break
			}
			rest = rest[1:]
		}
		if frame.Counted {
			rest = bytes.TrimPrefix(bytes.TrimLeft(rest, "0123456789"), []byte(" "))
		}
		if !bytes.HasPrefix(rest, frame.Data) {
			t.Fatalf("%q where %q was cut", rest, frame.Data)
		}
		if frame.Original > len(rest) {
			t.Fatalf("original %d, but only %d bytes are left", frame.Original, len(rest))
		}
		rest = rest[frame.Original:]
	}
	if strings.Trim(string(rest), "\r\n\x00") != "" {
		t.Fatalf("%q lost at the end", rest)
	}
	if len(fr.buf) > bound+slack {
		t.Fatalf("buffer of %d bytes", len(fr.buf))
	}
}

// again gives the same text again and again.
type again struct {
	text []byte
	at   int
}

func (a *again) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		k := copy(p[n:], a.text[a.at:])
		n += k
		a.at = (a.at + k) % len(a.text)
	}
	return n, nil
}

func BenchmarkFramer(b *testing.B) {
	line := "<38>Nov 24 10:00:00 web01 sshd[4242]: Failed password for invalid user admin from 203.0.113.7 port 50022 ssh2 " + strings.Repeat("x", 160)
	for name, text := range map[string]string{"newline": line + "\n", "octet": fmt.Sprintf("%d %s", len(line), line)} {
		b.Run(name, func(b *testing.B) {
			f := NewFramer(&again{text: bytes.Repeat([]byte(text), 64)}, 0, Auto)
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if _, err := f.Next(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// What is left of a wrong count is looked at once, however many "<" it holds.
func TestFramerLooksOnceAtWhatAWrongCountLeaves(t *testing.T) {
	const most = 256 << 10
	text := "<13>" + strings.Repeat("あ", (most-4)/3)
	stream := fmt.Sprintf("%d %sx%s\n", len(text), text, strings.Repeat(" 1 <", most/4-1))
	f := NewFramer(strings.NewReader(stream), most, Auto)
	began := time.Now()
	for _, want := range []int{len(text), most - 3} {
		if frame, err := f.Next(); err != nil || len(frame.Data) != want {
			t.Fatalf("%d bytes, %v; want %d", len(frame.Data), err, want)
		}
	}
	if took := time.Since(began); took > 2*time.Second { // before it took half a minute
		t.Errorf("it took %v", took)
	}
}
