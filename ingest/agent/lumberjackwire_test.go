package agent

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/zlib"

	"yagura/internal/event"
)

// lj writes frames as a sender would, or a liar.
type lj struct{ bytes.Buffer }

func (w *lj) n(ns ...uint32) *lj {
	for _, n := range ns {
		_ = binary.Write(w, binary.BigEndian, n)
	}
	return w
}

func (w *lj) s(s string) *lj { w.WriteString(s); return w }

func (w *lj) window(n int) *lj { return w.s("2W").n(uint32(n)) }

func (w *lj) json(seq uint32, doc string) *lj { return w.s("2J").n(seq, uint32(len(doc))).s(doc) }

func (w *lj) pairs(seq uint32, kv ...string) *lj {
	w.s("1D").n(seq, uint32(len(kv)/2))
	for _, s := range kv {
		w.n(uint32(len(s))).s(s)
	}
	return w
}

func (w *lj) packed(inside []byte) *lj {
	var z bytes.Buffer
	zw := zlib.NewWriter(&z)
	_, _ = zw.Write(inside)
	_ = zw.Close()
	return w.s("2C").n(uint32(z.Len())).s(z.String())
}

// render reads everything and tells it in one line.
func (w *lj) render() string { return renderLJ(w.Bytes()) }

func renderLJ(b []byte) string {
	r := newLJReader(iotest.OneByteReader(bytes.NewReader(b)), &sync.Pool{})
	var out []string
	for {
		f, err := r.next()
		switch {
		case errors.Is(err, errNotLumberjack):
			return strings.Join(append(out, "bad"), " ")
		case err == io.EOF:
			return strings.Join(append(out, "end"), " ")
		case err == io.ErrUnexpectedEOF:
			return strings.Join(append(out, "cut"), " ")
		case err != nil:
			return strings.Join(append(out, err.Error()), " ")
		}
		s := fmt.Sprintf("%c%c%d", f.version, f.kind, f.n)
		if f.kind == 'J' {
			s += "=" + string(f.data)
		}
		for _, p := range f.pairs {
			s += fmt.Sprintf(",%s=%s", p.key, p.value)
		}
		out = append(out, s)
	}
}

func TestLumberjackFrames(t *testing.T) {
	two := new(lj).json(1, `{"a":1}`).json(2, `{"b":2}`).Bytes()
	zip := new(lj).packed(two).Bytes()
	for _, c := range []struct {
		name string
		in   *lj
		want string
	}{
		{"plain", new(lj).window(2).s(string(two)), `2W2 2J1={"a":1} 2J2={"b":2} end`},
		{"compressed", new(lj).window(2).packed(two), `2W2 2J1={"a":1} 2J2={"b":2} end`},
		{"compressed twice, one after the other", new(lj).window(4).packed(two).packed(two).window(1), `2W4 2J1={"a":1} 2J2={"b":2} 2J1={"a":1} 2J2={"b":2} 2W1 end`},
		{"compressed twice, one in the other", new(lj).window(4).packed(zip), `2W4 bad`},
		{"a window inside", new(lj).packed(new(lj).window(1).Bytes()), `bad`},
		{"compressed nothing", new(lj).packed(nil).window(3), `2W3 end`},
		{"bytes behind the compressed ones", new(lj).s("2C").n(uint32(len(zip) - 6 + 4)).s(string(zip[6:])).s("rest").window(7), `2J1={"a":1} 2J2={"b":2} 2W7 end`},
		{"compressed, cut by its length", new(lj).s("2C").n(20).s(string(zip[6:26])).window(1), `bad`},
		{"compressed, cut by the end", new(lj).s("2C").n(200).s(string(zip[6:26])), `cut`},
		{"no zlib", new(lj).s("2C").n(12).s("this is none"), `bad`},
		{"a frame of nothing compressed", new(lj).s("2C").n(0).window(1), `bad`},
		{"an event cut inside what is compressed", new(lj).packed(two[:len(two)-2]), `2J1={"a":1} cut`},
		{"version 1", new(lj).s("1W").n(1).pairs(9, "line", "x y", "file", "/var/log/a"), `1W1 1D9,line=x y,file=/var/log/a end`},
		{"pairs of nothing", new(lj).pairs(9, "", ""), `1D9,= end`},
		{"no pairs", new(lj).pairs(9), `1D9 end`},
		{"an empty event", new(lj).json(4, ""), `2J4= end`},
		{"4 GiB event", new(lj).s("2J").n(1, 1<<32-1).s("{}"), `bad`},
		{"2 GiB event", new(lj).s("2J").n(1, 1<<31).s("{}"), `bad`},
		{"more than came", new(lj).s("2J").n(1, 16<<20).s("{}"), `cut`},
		{"4 GiB compressed", new(lj).s("2C").n(1<<32 - 1), `bad`},
		{"a window of 4 Gi events", new(lj).s("2W").n(1<<32 - 1), `bad`},
		{"many pairs", new(lj).s("1D").n(1, 1<<20), `bad`},
		{"a long name", new(lj).s("1D").n(1, 1, 1<<20), `bad`},
		{"a long value", new(lj).s("1D").n(1, 1, 1).s("k").n(1<<32 - 1), `bad`},
		{"HTTP", new(lj).s("GET / HTTP/1.1\r\n\r\n"), `bad`},
		{"TLS", new(lj).s("\x16\x03\x01\x02\x00\x01\x00\x01\xfc"), `bad`},
		{"an unknown frame", new(lj).s("2Z").n(1), `bad`},
		{"an answer", new(lj).s("2A").n(1), `bad`},
		{"version 3", new(lj).s("3W").n(1), `bad`},
		{"half a head", new(lj).s("2W\x00"), `cut`},
		{"nothing", new(lj), `end`},
	} {
		if got := c.in.render(); got != c.want {
			t.Errorf("%s: %s; want %s", c.name, got, c.want)
		}
	}
}

// TestLumberjackCutsLongEvents keeps the beginning of what is too long and the length
// it had, and goes on behind it.
func TestLumberjackCutsLongEvents(t *testing.T) {
	long := strings.Repeat("x", event.MaxRaw+1000)
	r := newLJReader(new(lj).json(1, long).pairs(2, "line", long, "file", "f").json(3, "{}"), &sync.Pool{})
	f, err := r.next()
	if err != nil || len(f.data) != event.MaxRaw || f.original != len(long) {
		t.Fatalf("%d of %d bytes, %v", len(f.data), f.original, err)
	}
	if f, err = r.next(); err != nil || len(f.pairs) != 2 || len(f.pairs[0].value) != event.MaxRaw || f.pairs[0].original != len(long) || string(f.pairs[1].value) != "f" {
		t.Fatalf("%d pairs, %v", len(f.pairs), err)
	}
	if f, err = r.next(); err != nil || string(f.data) != "{}" {
		t.Fatalf("%q, %v", f.data, err)
	}
}

// TestLumberjackBombs ends a stream that inflates a thousandfold before it has cost
// anything, and takes what is merely well compressed.
func TestLumberjackBombs(t *testing.T) {
	zeros := bytes.Repeat([]byte{' '}, 1<<20)
	bomb := new(lj)
	for range 32 {
		bomb.json(1, string(zeros))
	}
	r, n := newLJReader(new(lj).packed(bomb.Bytes()), &sync.Pool{}), 0
	for {
		_, err := r.next()
		if err != nil {
			if !errors.Is(err, errNotLumberjack) {
				t.Fatal(err)
			}
			break
		}
		n++
	}
	if n > 4 {
		t.Errorf("%d MiB came out of a bomb", n)
	}
	fine := new(lj)
	for i := range 4000 {
		fine.json(uint32(i+1), fmt.Sprintf(`{"message":"the same words, line after line, but for number %d","host":{"name":"web01"}}`, i*7919))
	}
	r, n = newLJReader(new(lj).packed(fine.Bytes()), &sync.Pool{}), 0
	for ; ; n++ {
		if _, err := r.next(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if n != 4000 {
		t.Errorf("%d events; want 4000", n)
	}
}

func FuzzLumberjack(f *testing.F) {
	two := new(lj).json(1, `{"a":1}`).json(2, `{"b":2}`).Bytes()
	f.Add(new(lj).window(2).s(string(two)).Bytes())
	f.Add(new(lj).window(2).packed(two).Bytes())
	f.Add(new(lj).window(1).pairs(9, "line", "x y", "file", "/var/log/a").Bytes())
	f.Add(new(lj).packed(new(lj).packed(two).Bytes()).Bytes())
	f.Add([]byte("2J\x00\x00\x00\x01\xff\xff\xff\xff{}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := newLJReader(bytes.NewReader(b), &sync.Pool{})
		for n := 0; ; n++ {
			fr, err := r.next()
			if err != nil {
				return
			}
			if len(fr.data) > event.MaxRaw || len(r.buf) > 2*event.MaxRaw+ljMaxPairs*ljMaxKey || fr.original > ljMaxFrame {
				t.Fatalf("%d bytes kept", len(r.buf))
			}
			if n > ljMaxInflated {
				t.Fatal("no end")
			}
		}
	})
}
