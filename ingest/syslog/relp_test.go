package syslog

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yagura/internal/event"
)

// disk is a memory that tells when its blocks are on disk: every line is a block,
// which is told at once, or with manual set when the test says so.
type disk struct {
	*memory
	manual bool
	last   uint64
	watch  func(uint64, error)
}

func newDisk(manual bool) *disk { return &disk{memory: newMemory(), manual: manual} }

func (d *disk) AppendBlock(ctx context.Context, one *event.Draft) (uint64, error) {
	if err := d.Append(ctx, one); err != nil {
		return 0, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.last++
	if !d.manual && d.watch != nil {
		d.watch(d.last, nil)
	}
	return d.last, nil
}

func (d *disk) Watch(told func(uint64, error)) func() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.watch = told
	return func() {}
}

func (d *disk) Hurry() {}

// tell says that the blocks up to this one are on disk.
func (d *disk) tell(block uint64, err error) {
	d.mu.Lock()
	told := d.watch
	d.mu.Unlock()
	told(block, err)
}

func startRELP(t *testing.T, cfg Config, d *disk) *running {
	t.Helper()
	cfg.Network = "relp"
	return startOn(t, cfg, d, d.memory)
}

// relpSender is a sender that waits for answers only when told to.
type relpSender struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
	txnr int
}

func (r *running) relp(t *testing.T) *relpSender {
	t.Helper()
	c := r.dial(t)
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	s := &relpSender{t: t, conn: c, in: bufio.NewReader(c)}
	s.send("open", "relp_version=0\nrelp_software=test\ncommands=syslog")
	s.want("1 rsp 200 OK\nrelp_version=0\nrelp_software=yagura\ncommands=syslog")
	return s
}

func (s *relpSender) send(command, data string) {
	s.t.Helper()
	s.txnr++
	text := fmt.Sprintf("%d %s %d", s.txnr, command, len(data))
	if data != "" {
		text += " " + data
	}
	write(s.t, s.conn, text+"\n")
}

func (s *relpSender) syslog(lines ...string) {
	s.t.Helper()
	for _, line := range lines {
		s.send("syslog", line)
	}
}

// answer reads one frame: "" at the end.
func (s *relpSender) answer() string {
	var text strings.Builder
	for range 2 {
		word, _ := s.in.ReadString(' ')
		text.WriteString(word)
	}
	size := 0
	for {
		c, err := s.in.ReadByte()
		switch {
		case err != nil:
			return ""
		case c == '\n':
			return strings.TrimSuffix(text.String(), " ")
		case c == ' ':
			data := make([]byte, size+1)
			_, _ = io.ReadFull(s.in, data)
			return text.String() + strings.TrimSuffix(string(data), "\n")
		}
		size = 10*size + int(c-'0')
	}
}

func (s *relpSender) want(answers ...string) {
	s.t.Helper()
	for _, want := range answers {
		if got := s.answer(); got != want {
			s.t.Fatalf("answer %q; want %q", got, want)
		}
	}
}

// ok wants the answers to the frames from first to last.
func (s *relpSender) ok(first, last int) {
	s.t.Helper()
	for n := first; n <= last; n++ {
		s.want(fmt.Sprintf("%d rsp 200 OK", n))
	}
}

func TestRELPConversation(t *testing.T) {
	r := startRELP(t, Config{MaxLine: 20}, newDisk(false))
	s := r.relp(t)
	s.syslog("<13>one", "", "<13>"+strings.Repeat("x", 30))
	s.send("starttls", "")
	s.send("close", "")
	s.ok(2, 4)
	s.want("5 rsp 500 this command is not known here", "6 rsp 200 OK", "0 serverclose", "")
	r.stop()
	cut := "<13>" + strings.Repeat("x", 16)
	if d := cmp.Diff([]string{"<13>one", cut}, r.sink.got()); d != "" {
		t.Error(d)
	}
	if r.sink.flags[cut]&event.FlagTruncated == 0 || r.Stats().Truncated != 1 {
		t.Error("the long line is not flagged")
	}
	r.balance(t)
}

// TestRELPAnswersWhatIsOnDisk: in order, and not before.
func TestRELPAnswersWhatIsOnDisk(t *testing.T) {
	d := newDisk(true)
	r := startRELP(t, Config{}, d)
	s := r.relp(t)
	s.syslog("a", "b", "c")
	s.send("other", "")
	until(t, "three lines, four answers owed", func() bool { return r.sink.count() == 3 && r.Stats().Unanswered == 4 })
	_ = s.conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
	if _, err := s.in.Peek(1); err == nil {
		t.Fatal("an answer before the disk")
	}
	_ = s.conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	d.tell(2, nil)
	s.ok(2, 3)
	if n := r.Stats().Unanswered; n != 2 {
		t.Errorf("%d unanswered; want 2", n)
	}
	d.tell(3, nil)
	s.ok(4, 4)
	s.want("5 rsp 500 this command is not known here")
}

// TestRELPLostBlock: nothing that was lost is answered, and the sender is sent away
// to send it again.
func TestRELPLostBlock(t *testing.T) {
	d := newDisk(true)
	r := startRELP(t, Config{}, d)
	s := r.relp(t)
	s.syslog("a", "b", "c")
	until(t, "lines", func() bool { return r.sink.count() == 3 })
	d.tell(1, nil)
	d.tell(2, errors.New("disk"))
	d.tell(3, nil)
	s.ok(2, 2)
	s.want("0 serverclose", "")
	again := r.relp(t)
	again.syslog("b", "c")
	until(t, "lines again", func() bool { return r.sink.count() == 5 })
	d.tell(5, nil)
	again.ok(2, 3)
}

// TestRELPStop answers what the disk takes meanwhile and nothing else.
func TestRELPStop(t *testing.T) {
	d := newDisk(true)
	r := startRELP(t, Config{Drain: 4 * time.Second}, d)
	s := r.relp(t)
	s.syslog("a", "b")
	until(t, "lines", func() bool { return r.sink.count() == 2 })
	stopped := make(chan struct{})
	go func() { r.stop(); close(stopped) }()
	until(t, "the stop", r.stopping.Load)
	d.tell(2, nil)
	s.ok(2, 3)
	s.want("0 serverclose", "")
	s.conn.Close()
	<-stopped
	r.balance(t)
}

// TestRELPStopWithAStuckDisk ends in time, without answers.
func TestRELPStopWithAStuckDisk(t *testing.T) {
	r := startRELP(t, Config{Drain: 400 * time.Millisecond}, newDisk(true))
	s := r.relp(t)
	go func() {
		for n := range maxOwed + 100 {
			if _, err := fmt.Fprintf(s.conn, "%d syslog 1 x\n", n+2); err != nil {
				return
			}
		}
	}()
	until(t, "the window is full", func() bool { return r.Stats().Unanswered == maxOwed })
	began := time.Now()
	r.stop()
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("the stop took %v", took)
	}
	if got := s.answer(); got != "" && got != "0 serverclose" {
		t.Errorf("answer %q before the disk", got)
	}
}

func TestRELPGarbage(t *testing.T) {
	for _, c := range []struct {
		in   string
		what func(Stats) uint64
	}{
		{"<13>plain syslog\n", func(s Stats) uint64 { return s.NotRELP }},
		{"\x16\x03\x01\x02\x00\x01\x00", func(s Stats) uint64 { return s.TLSToPlain }},
	} {
		r := startRELP(t, Config{}, newDisk(false))
		s := &relpSender{t: t, conn: r.dial(t)}
		s.in = bufio.NewReader(s.conn)
		write(t, s.conn, c.in)
		s.want("0 serverclose", "")
		if n := c.what(r.Stats()); n != 1 {
			t.Errorf("%q: counted %d times", c.in, n)
		}
	}
	r := startRELP(t, Config{}, newDisk(false))
	s := r.relp(t)
	s.syslog("before")
	write(t, s.conn, "3 syslog x\n")
	s.ok(2, 2)
	s.want("0 serverclose", "")
}

func TestRELPLimits(t *testing.T) {
	r := startRELP(t, Config{MaxPerAddress: 2, IdleTimeout: 300 * time.Millisecond, FrameTimeout: 100 * time.Millisecond, MinRate: 1 << 20}, newDisk(false))
	idle, slow := r.relp(t), r.relp(t)
	write(t, slow.conn, "2 syslog 10 abc")
	if _, err := r.dial(t).Read(make([]byte, 1)); err == nil {
		t.Error("a third connection of the address is served")
	}
	slow.want("0 serverclose", "")
	idle.want("0 serverclose", "")
	if s := r.Stats(); s.ClosedIdle != 1 || s.ClosedSlow != 1 || s.OverAddress != 1 {
		t.Errorf("stats: idle %d, slow %d, over %d", s.ClosedIdle, s.ClosedSlow, s.OverAddress)
	}
}

// TestRELPTail breaks a connection with unanswered messages and sends on another
// one what comes next.
func TestRELPTail(t *testing.T) {
	for _, c := range []struct {
		name     string
		answered int      // of a, b, c, d, e
		again    []string // what the sender then sends
		stored   string   // beside a b c d e
		resent   int
	}{
		{"the unanswered", 2, []string{"c", "d", "e", "f"}, "f", 3},
		{"and one whose answer was lost", 2, []string{"b", "c", "d", "e", "f"}, "f", 4},
		{"none was answered", 0, []string{"a", "b", "c", "d", "e"}, "", 5},
		{"a part only: not sure", 2, []string{"c", "d", "x"}, "c d x", 0},
		{"not from its first on: not sure", 2, []string{"d", "e", "f"}, "d e f", 0},
		{"another order: not sure", 2, []string{"d", "c", "e"}, "d c e", 0},
		{"a single line proves nothing", 4, []string{"e", "f"}, "e f", 0},
		{"a single one, behind one whose answer was lost", 4, []string{"d", "e", "f"}, "f", 2},
		{"all were answered: nothing must come again", 5, []string{"d", "e"}, "d e", 0},
		{"it was told that it was taken twice: nothing more", 2, []string{"c", "d", "e", "c", "d", "e"}, "c d e", 3},
		{"the sender is quiet before it is sure", 2, []string{"c", "d"}, "c d", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := newDisk(true)
			r := startRELP(t, Config{}, d)
			s := r.relp(t)
			s.syslog("a", "b", "c", "d", "e")
			until(t, "lines", func() bool { return r.sink.count() == 5 })
			d.tell(uint64(c.answered), nil)
			s.ok(2, 1+c.answered)
			s.conn.Close()
			until(t, "the end", func() bool { return r.Stats().Connections == 0 })
			again := r.relp(t)
			again.syslog(c.again...)
			want := append(strings.Split("a b c d e", " "), strings.Fields(c.stored)...)
			until(t, "the lines", func() bool { return r.sink.count() == len(want) })
			d.tell(uint64(len(want)), nil)
			again.ok(2, 1+len(c.again))
			if diff := cmp.Diff(want, r.sink.got()); diff != "" {
				t.Error(diff)
			}
			if got := r.Stats().Resent; got != uint64(c.resent) {
				t.Errorf("%d recognised; want %d", got, c.resent)
			}
			again.conn.Close()
			r.stop()
			r.balance(t)
		})
	}
}

// TestRELPTailEqualLines: what is in doubt is stored twice, never lost.
func TestRELPTailEqualLines(t *testing.T) {
	d := newDisk(true)
	r := startRELP(t, Config{}, d)
	s := r.relp(t)
	s.syslog(slices.Repeat([]string{"x"}, 6)...)
	until(t, "lines", func() bool { return r.sink.count() == 6 })
	d.tell(2, nil)
	s.ok(2, 3)
	s.conn.Close()
	until(t, "the end", func() bool { return r.Stats().Connections == 0 })
	again := r.relp(t)
	again.syslog(slices.Repeat([]string{"x"}, 5)...) // four of them, one more
	until(t, "a line", func() bool { return r.sink.count() == 7 })
	d.tell(7, nil)
	again.ok(2, 6)
}

func TestRELPOverTLS(t *testing.T) {
	ca := newAuthority(t, "ca")
	r := startRELP(t, Config{TLS: ca.files("log01", time.Hour)}, newDisk(false))
	conn := r.dialTLS(t, &tls.Config{RootCAs: ca.pool})
	s := &relpSender{t: t, conn: conn, in: bufio.NewReader(conn), txnr: 1}
	s.syslog("a", "b")
	s.send("close", "")
	s.ok(2, 4)
	s.want("0 serverclose", "")
}
