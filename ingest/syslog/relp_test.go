package syslog

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yagura/internal/event"
)

// disk is a memory that tells when its blocks are on disk: every line is a block,
// which is told at once, or with manual set when the test says so.
type disk struct {
	*memory
	manual  bool
	hurried atomic.Int32
	last    uint64
	watch   func(uint64, error)
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

func (d *disk) Hurry() { d.hurried.Add(1) }

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
	until(t, "two are owed", func() bool { return r.Stats().Unanswered == 2 })
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
		lines    string // sent first
		answered int    // of them
		again    string // what the sender then sends
		stored   string // beside the lines
		resent   int
	}{
		{"the unanswered", "a b c d e", 2, "c d e f", "f", 3},
		{"and one whose answer was lost", "a b c d e", 2, "b c d e f", "f", 4},
		{"none was answered", "a b c d e", 0, "a b c d e", "", 5},
		{"another one before the end: not sure", "a b c d e", 2, "c d x", "c d x", 0},
		{"not from its first on: not sure", "a b c d e", 2, "d e f", "d e f", 0},
		{"another order: not sure", "a b c d e", 2, "d c e", "d c e", 0},
		{"the only one that is owed", "a b c d e", 4, "e f", "f", 1},
		{"the only one that is owed, but its like came before: not sure", "a b e d e", 4, "e f", "e f", 0},
		{"one, behind one whose answer was lost", "a b c d e", 4, "d e f", "f", 2},
		{"all were answered: nothing must come again", "a b c d e", 5, "d e", "d e", 0},
		{"it was told that it was taken twice: nothing more", "a b c d e", 2, "c d e c d e", "c d e", 3},
		{"the sender waits for answers", "a b c d e", 2, "c d", "", 2},
		{"the sender waits for an answer", "a b c d e", 2, "c", "", 1},
		{"equal lines, four owed and one more", "x x x x x x", 2, "x x x x x", "x", 4},
		{"equal lines, all answered", "x x x", 3, "x x x", "x x x", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := newDisk(true)
			r := startRELP(t, Config{}, d)
			want, back := strings.Fields(c.lines), strings.Fields(c.again)
			s := r.relp(t)
			s.syslog(want...)
			until(t, "lines", func() bool { return r.sink.count() == len(want) })
			d.tell(uint64(c.answered), nil)
			s.ok(2, 1+c.answered)
			s.conn.Close()
			until(t, "the end", func() bool { return r.Stats().Connections == 0 })
			again := r.relp(t)
			again.syslog(back...)
			want = append(want, strings.Fields(c.stored)...)
			until(t, "the lines", func() bool { return r.sink.count() == len(want) })
			d.tell(uint64(len(want)), nil)
			again.ok(2, 1+len(back))
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

// TestRELPOneByOne: rsyslog, once its action was suspended, sends one message and waits
// for its answer; and the connection may break again before all have come.
func TestRELPOneByOne(t *testing.T) {
	d := newDisk(true)
	r := startRELP(t, Config{}, d)
	s := r.relp(t)
	s.syslog("a", "b", "c", "d")
	until(t, "lines", func() bool { return r.sink.count() == 4 })
	d.tell(1, nil)
	until(t, "an answer", func() bool { return r.Stats().Unanswered == 3 })
	s.reset() // it was not read
	until(t, "the end", func() bool { return r.Stats().Connections == 0 })
	d.tell(4, nil)
	for _, lines := range [][]string{{"a", "b"}, {"b"}, {"c", "d", "e"}} {
		until(t, "the end", func() bool { return r.Stats().Connections == 0 })
		again := r.relp(t)
		for i, line := range lines {
			again.syslog(line)
			if line == "e" {
				until(t, "a new line", func() bool { return r.sink.count() == 5 })
				d.tell(5, nil)
			}
			again.ok(2+i, 2+i)
		}
		again.reset()
	}
	r.stop()
	if diff := cmp.Diff(strings.Fields("a b c d e"), r.sink.got()); diff != "" {
		t.Error(diff)
	}
	r.balance(t)
}

// reset breaks the connection: what it was sent is lost.
func (s *relpSender) reset() {
	s.t.Helper()
	if c, ok := s.conn.(*net.TCPConn); ok {
		_ = c.SetLinger(0)
	}
	_ = s.conn.Close()
}

// TestRELPHurry: a sender that waits for each answer is not made to wait for a block
// to fill; one that goes on without them, or has nothing to say, hurries nobody.
func TestRELPHurry(t *testing.T) {
	d := newDisk(true)
	r := startRELP(t, Config{}, d)
	s := r.relp(t)
	for i := range 20 {
		s.syslog(fmt.Sprint(i))
		until(t, "the line", func() bool { return r.sink.count() == i+1 })
		if d.hurried.Load() == 0 { // nobody hurries yet: the block's linger
			_ = s.conn.SetReadDeadline(time.Now().Add(2 * waited))
			_, _ = s.in.Peek(1)
			_ = s.conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		}
		d.tell(uint64(i+1), nil)
		s.ok(i+2, i+2)
	}
	if n := d.hurried.Load(); n < 10 {
		t.Errorf("hurried %d times in 20 messages", n)
	}
	before := d.hurried.Load()
	other := r.relp(t)
	for i := range 20 {
		other.syslog(fmt.Sprint(i))
		until(t, "the line", func() bool { return r.sink.count() == 20+i+1 })
	}
	if n := d.hurried.Load(); n != before {
		t.Errorf("one that goes on hurried %d times", n-before)
	}
}

// TestRELPHalfClosed: a sender that has closed its side only gets its answers, and
// when it then sends the same lines once more they are others.
func TestRELPHalfClosed(t *testing.T) {
	r := startRELP(t, Config{}, newDisk(false))
	for range 2 {
		s := r.relp(t)
		s.syslog("a", "b", "c")
		if err := s.conn.(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		s.ok(2, 4)
		s.want("")
		s.conn.Close()
		until(t, "the end", func() bool { return r.Stats().Connections == 0 })
	}
	r.stop()
	if got := r.sink.count(); got != 6 {
		t.Errorf("%d lines of 6", got)
	}
}

// TestRELPOldConnectionOpen: the sender comes back while the connection before is not
// known to be broken.
func TestRELPOldConnectionOpen(t *testing.T) {
	for _, c := range []struct {
		name     string
		answered int    // of a b c d e
		again    string // on the new connection
		then     func(old *relpSender)
		stored   string // beside a b c d e
	}{
		{"it stays open and says nothing: half open", 2, "c d e f", func(*relpSender) {}, "f"},
		{"and the new one waits for an answer before it is sure", 4, "e f", func(*relpSender) {}, "e f"},
		{"it breaks a moment later", 2, "c d e f", (*relpSender).reset, "f"},
		{"it breaks a moment later, all were answered and nothing read", 5, "d e f", (*relpSender).reset, "f"},
		{"it goes on: two senders with equal lines", 2, "c d e f", func(old *relpSender) { old.syslog("g") }, "g c d e f"},
		{"all were answered: another sender", 5, "d e", func(*relpSender) {}, "d e"},
		{"other lines", 2, "v w", func(*relpSender) {}, "v w"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := newDisk(true)
			r := startRELP(t, Config{}, d)
			old := r.relp(t)
			old.syslog(strings.Fields("a b c d e")...)
			until(t, "lines", func() bool { return r.sink.count() == 5 })
			d.tell(uint64(c.answered), nil)
			until(t, "answers", func() bool { return r.Stats().Unanswered == 5-c.answered })
			again, lines := r.relp(t), strings.Fields(c.again)
			again.syslog(lines...)
			until(t, "they are read", func() bool { return r.Stats().Bytes == 5 || r.sink.count() > 5 })
			c.then(old)
			want := append(strings.Fields("a b c d e"), strings.Fields(c.stored)...)
			until(t, "the lines", func() bool { return r.sink.count() == len(want) })
			d.tell(uint64(len(want)), nil)
			again.ok(2, 1+len(lines))
			if diff := cmp.Diff(want, r.sink.got()); diff != "" {
				t.Error(diff)
			}
			old.conn.Close()
			again.conn.Close()
			r.stop()
			r.balance(t)
		})
	}
}

// TestRELPOldConnectionUnread: the bus is stuck, the sender gives up, and comes back:
// what lay unread on the old connection is taken once.
func TestRELPOldConnectionUnread(t *testing.T) {
	for _, c := range []struct{ name, again string }{
		{"all", "a b c d e"},
		{"none was taken before", "a b c d"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := newDisk(false)
			d.gate = make(chan struct{})
			r := startRELP(t, Config{}, d)
			old := r.relp(t)
			old.syslog(strings.Fields("a b c d")...)
			until(t, "the first waits", func() bool { return r.Stats().Bytes == 1 })
			old.conn.Close()
			again, lines := r.relp(t), strings.Fields(c.again)
			again.syslog(lines...)
			until(t, "the old one is waited for", func() bool { return r.held() == len(lines) })
			close(d.gate)
			again.ok(2, 1+len(lines))
			r.stop()
			if diff := cmp.Diff(lines, r.sink.got()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestRELPReplaced: a message waits for the sink on a connection whose sender has come
// back on another one. It is not taken there and comes again: it is one, and none was
// refused.
func TestRELPReplaced(t *testing.T) {
	d := newDisk(false)
	d.gate = make(chan struct{})
	r := startRELP(t, Config{}, d)
	old := r.relp(t)
	old.syslog("a")
	until(t, "it waits", func() bool { return r.Stats().Bytes == 1 })
	all := r.link.(*tcp).relp
	all.mu.Lock()
	for s := range all.sessions {
		go s.replace()
	}
	all.mu.Unlock()
	until(t, "the old one ends", func() bool { return r.Stats().Connections == 0 })
	close(d.gate)
	again := r.relp(t)
	again.syslog("a")
	again.ok(2, 2)
	again.conn.Close()
	r.stop()
	if sum := r.balance(t); sum.Received != 1 || sum.RefusedTotal() != 0 {
		t.Errorf("books: received %d, refused %v; want 1 and none", sum.Received, sum.Refused)
	}
}

// held is the number of messages that are held on all connections.
func (r *running) held() (n int) {
	all := r.link.(*tcp).relp
	all.mu.Lock()
	defer all.mu.Unlock()
	for s := range all.sessions {
		n += int(s.waiting.Load())
	}
	return n
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
