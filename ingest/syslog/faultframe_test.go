package syslog

import (
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yagura/internal/event"
)

// TestTCPDamagedFrames sends framing that is wrong, or changes, over a real connection:
// everything is kept, what is damaged is marked, the next good line is whole, and the
// connection goes on.
func TestTCPDamagedFrames(t *testing.T) {
	const max = 64
	long := "<13>" + strings.Repeat("y", 200)
	for _, c := range []struct {
		name, in string
		want     []string // before the good one
		damaged  uint64
	}{
		{"count 0", "0 <13>zero\n", []string{"0 <13>zero"}, 1},
		{"count 01", "010 <13>first.\n", []string{"010 <13>first."}, 1},
		{"count 01 among counted ones", "8 <13>good\n08 <13>lead\n8 <13>good\n", []string{"<13>good", "0", "<13>lead", "<13>good"}, 1},
		{"count -5", "-5 <13>minus\n", []string{"-5 <13>minus"}, 1},
		{"count above 16 MiB", "17825792 <13>big\n", []string{"17825792 <13>big"}, 1},
		{"count 2^31", "2147483648 <13>huge\n", []string{"2147483648 <13>huge"}, 1},
		{"count 2^64", "18446744073709551616 <13>huge\n", []string{"18446744073709551616 <13>huge"}, 1},
		{"count 2^64+8 is not 8", "18446744073709551624 <13>wrap\n", []string{"18446744073709551624 <13>wrap"}, 1},
		{"count short", "7 <13>first8 <13>good\n", []string{"<13>fir", "st", "<13>good"}, 1},
		{"count long", "12 <13>first\n<13>second\n<13>third\n", []string{"<13>first\n<1", "3>second", "<13>third"}, 1},
		{"framing changes and changes back", "<13>a\n5 <13>b5 <13>c<13>d\r\n<13>e\n5 <13>f", []string{"<13>a", "<13>b", "<13>c", "<13>d", "<13>e", "<13>f"}, 0},
		{"line above the bound", long + "\n", []string{long[:max]}, 0},
		{"counted line above the bound", "204 " + long, []string{long[:max]}, 0},
		{"a number that is no count", "5 \n", []string{"5 "}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := start(t, Config{Network: "tcp", MaxLine: max}, newMemory())
			conn := r.dial(t)
			write(t, conn, c.in)
			write(t, conn, "<13>the next good line\n")
			want := append(c.want, "<13>the next good line")
			until(t, "the good line", func() bool { return r.sink.count() >= len(want) })
			if n := r.Stats().Connections; n != 1 {
				t.Errorf("%d connections; want it to go on", n)
			}
			r.stop()
			if d := cmp.Diff(want, r.sink.got()); d != "" {
				t.Error(d)
			}
			if n := r.Stats().Damaged; n != c.damaged {
				t.Errorf("%d damaged; want %d", n, c.damaged)
			}
			r.balance(t)
		})
	}
}

// TestTCPCountOfMoreThanComes: a count that promises what never comes holds the line
// until the frame's time is over; then it is kept and marked, the connection is closed
// and counted, and the sender's place is free.
func TestTCPCountOfMoreThanComes(t *testing.T) {
	r := start(t, Config{Network: "tcp", MaxPerAddress: 1, FrameTimeout: 50 * time.Millisecond, MinRate: 1 << 20}, newMemory())
	conn := r.dial(t)
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	write(t, conn, "40 <13>alone\n")
	if _, err := conn.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("read: %v; want the end", err)
	}
	until(t, "it is counted", func() bool { s := r.Stats(); return s.ClosedSlow == 1 && s.Connections == 0 })
	write(t, r.dial(t), "<13>next\n")
	until(t, "the next line", func() bool { return r.sink.count() == 2 })
	r.stop()
	if d := cmp.Diff([]string{"<13>alone\n", "<13>next"}, r.sink.got()); d != "" {
		t.Error(d)
	}
	if a := r.sink.anomaly["<13>alone\n"]; a != DamagedShort {
		t.Errorf("anomaly %q", a)
	}
	r.balance(t)
}

// TestEndlessLinesTakeNoMemory: lines of 15 MiB, however they are framed, cost the
// buffer of a longest line, and are kept up to the bound with their true length.
func TestEndlessLinesTakeNoMemory(t *testing.T) {
	const size, most = 15 << 20, 1 << 20
	for _, c := range []struct{ name, network, before, after string }{
		{"line", "tcp", "<13>", "\n"},
		{"line without an end", "tcp", "<13>", ""},
		{"counted", "tcp", "15728644 <13>", ""},
		{"RELP", "relp", "2 syslog 15728644 <13>", "\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDisk(false)
			r := startOn(t, Config{Network: c.network}, d, d.memory)
			conn := r.dial(t)
			if c.network == "relp" {
				write(t, conn, "1 open 14 relp_version=0\n")
			}
			buf := make([]byte, 64<<10)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			write(t, conn, c.before)
			if _, err := io.CopyBuffer(struct{ io.Writer }{conn}, io.LimitReader(&repeat{'x', size, strings.NewReader("")}, size), buf); err != nil {
				t.Fatal(err)
			}
			write(t, conn, c.after)
			if c.after == "" && c.before == "<13>" {
				conn.Close()
			}
			until(t, "the line", func() bool { return r.sink.count() == 1 })
			runtime.ReadMemStats(&after)
			if took := after.TotalAlloc - before.TotalAlloc; took > most {
				t.Errorf("%d bytes were allocated for a line of %d", took, size)
			}
			r.stop()
			if line := r.sink.got()[0]; len(line) != DefaultMaxLine || r.sink.flags[line]&event.FlagTruncated == 0 {
				t.Errorf("%d bytes kept, flags %x", len(line), r.sink.flags[line])
			}
			if n := r.Stats().Bytes; n != size+4 {
				t.Errorf("%d bytes of frames; want %d", n, size+4)
			}
			r.balance(t)
		})
	}
}
