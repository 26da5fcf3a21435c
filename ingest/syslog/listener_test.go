package syslog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"yagura/internal/event"
)

func TestMain(m *testing.M) {
	if to := os.Getenv(idleTo); to != "" { // a benchmark's senders
		if err := holdIdle(to); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

// memory is a Sink that keeps what it gets. While gate is set, Append blocks.
type memory struct {
	mu      sync.Mutex
	lines   []string
	from    map[string]int // events of each peer
	flags   map[string]uint16
	anomaly map[string]string
	books   map[string]event.Tally
	gate    chan struct{}
}

func newMemory() *memory {
	return &memory{from: map[string]int{}, flags: map[string]uint16{}, anomaly: map[string]string{}, books: map[string]event.Tally{}}
}

func (m *memory) Append(ctx context.Context, d *event.Draft) error {
	if m.gate != nil {
		select {
		case <-m.gate:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	line := string(d.Raw())
	m.lines = append(m.lines, line)
	m.from[d.Source.Peer]++
	m.flags[line] = d.Flags
	if a, ok := d.Get(event.YaguraAnomaly); ok {
		m.anomaly[line] = string(a)
	}
	return nil
}

func (m *memory) Tally(t event.Tally) {
	m.mu.Lock()
	defer m.mu.Unlock()
	sum := m.books[t.Source.Peer]
	sum.Source = t.Source
	addTally(&sum, t)
	m.books[t.Source.Peer] = sum
}

func (m *memory) count() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.lines)
}

func (m *memory) got() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]string(nil), m.lines...)
}

func (m *memory) sum() (t event.Tally) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, b := range m.books {
		addTally(&t, b)
	}
	return t
}

// handler panics on a line that holds "poison".
type handler struct{}

func (handler) Handle(d *event.Draft) {
	if strings.Contains(string(d.Raw()), "poison") {
		panic("poisoned: " + string(d.Raw()))
	}
	d.SetMessage(d.Text())
	if _, pid, ok := strings.Cut(string(d.Raw()), "pid="); ok {
		d.SetString(event.ProcessPID, pid)
	}
	if _, name, ok := strings.Cut(string(d.Raw()), "name="); ok {
		d.SetString(event.ProcessName, name)
	}
}

// running is a listener under test.
type running struct {
	*Listener
	sink *memory
	stop func() // ends Run and waits for it
}

func start(t *testing.T, cfg Config, sink *memory) *running {
	t.Helper()
	return startOn(t, cfg, sink, sink)
}

// startOn is start with a sink around the memory.
func startOn(t *testing.T, cfg Config, to Sink, sink *memory) *running {
	t.Helper()
	return startLogged(t, cfg, to, sink, slog.New(slog.DiscardHandler))
}

func startLogged(t *testing.T, cfg Config, to Sink, sink *memory, log *slog.Logger) *running {
	t.Helper()
	if cfg.Address == "" {
		cfg.Address = "127.0.0.1:0"
	}
	if cfg.Drain == 0 {
		cfg.Drain = time.Second
	}
	l, err := New(cfg, to, func() Handler { return handler{} }, log)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()
	stop := sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(stop)
	return &running{l, sink, stop}
}

func (r *running) dial(t *testing.T) net.Conn {
	t.Helper()
	conn, err := net.Dial(r.Addr().Network(), r.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func write(t *testing.T, w io.Writer, text string) {
	t.Helper()
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// until waits for the condition, at most 10 seconds.
func until(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !cond(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

// balance checks received = accepted + refused, after the end.
func (r *running) balance(t *testing.T) event.Tally {
	t.Helper()
	sum := r.sink.sum()
	if accepted := uint64(r.sink.count()); sum.Received != accepted+sum.RefusedTotal() {
		t.Errorf("books: received %d, accepted %d, refused %v", sum.Received, accepted, sum.Refused)
	}
	if s := r.Stats(); s.Received != sum.Received {
		t.Errorf("stats say %d received, the books %d", s.Received, sum.Received)
	}
	return sum
}

func TestListenErrors(t *testing.T) {
	for _, network := range []string{"udp", "tcp"} {
		first := start(t, Config{Network: network}, newMemory())
		_, port, _ := net.SplitHostPort(first.Addr().String())
		for address, want := range map[string]string{
			first.Addr().String(): "another program has this port (ss -" + network[:1] + "lnp 'sport = :" + port + "'",
			"192.0.2.77:5514":     "no such address",
		} {
			l, err := New(Config{Network: network, Address: address}, newMemory(), nil, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			err = l.Run(context.Background())
			if err == nil || !strings.HasPrefix(err.Error(), "listen "+network+" "+address+": ") ||
				!strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s %s: %v; want %q", network, address, err, want)
			}
		}
	}
}

func TestConfigErrors(t *testing.T) {
	_, err := New(Config{Network: "sctp", Address: "here", MaxLine: 1 << 30, Sockets: -1, Drain: -1}, newMemory(), nil, slog.New(slog.DiscardHandler))
	want := `listener sctp:here: network: "sctp"; would be right: udp, tcp, tls, relp or unix
address: "here"; would be right: host:port, such as 127.0.0.1:5514 or [::1]:5514
max_line: 1073741824; would be right: 1 to 262144
sockets: -1; would be right: 1 to 64
drain: -1ns; would be right: more than 0s`
	if err == nil || err.Error() != want {
		t.Error(cmp.Diff(want, fmt.Sprint(err)))
	}
}

func TestTCPFraming(t *testing.T) {
	r := start(t, Config{Network: "tcp", MaxLine: 64}, newMemory())
	conn := r.dial(t)
	long := "<13>" + strings.Repeat("x", 100)
	write(t, conn, "<13>line\r\n<13>a\x00b\n10 <13>counte"+"<13>back\n0 <13>zero\n"+long+"\n<13>poison\n<13>last")
	conn.Close()
	want := []string{"<13>line", "<13>a\x00b", "<13>counte", "<13>back", "0 <13>zero", long[:64], "<13>poison", "<13>last"}
	until(t, "all lines", func() bool { return r.sink.count() == len(want) })
	r.stop()
	if diff := cmp.Diff(want, r.sink.got()); diff != "" {
		t.Error(diff)
	}
	wantAnomalies := map[string]string{
		"0 <13>zero": DamagedCount, long[:64]: event.AnomalyTruncated, "<13>poison": AnomalyPanic, "<13>last": DamagedEnd,
	}
	if diff := cmp.Diff(wantAnomalies, r.sink.anomaly); diff != "" {
		t.Error(diff)
	}
	if r.sink.flags[long[:64]]&event.FlagTruncated == 0 || r.sink.flags["<13>poison"]&event.FlagUnparsed == 0 {
		t.Errorf("flags: %v", r.sink.flags)
	}
	r.balance(t)
	if s := r.Stats(); s.Truncated != 1 || s.Damaged != 2 || s.Panics != 1 || s.Opened != 1 || s.Connections != 0 {
		t.Errorf("stats: %+v", s)
	}
	if got := r.sink.books["127.0.0.1"]; got.Received != uint64(len(want)) || got.Source.Listener != "tcp:127.0.0.1:0" {
		t.Errorf("books: %+v", got)
	}
}

func TestTCPSlowLoris(t *testing.T) {
	r := start(t, Config{Network: "tcp", FrameTimeout: 100 * time.Millisecond, MinRate: 1000}, newMemory())
	conn := r.dial(t)
	write(t, conn, "<13>whole\n")
	var err error
	for end := time.Now().Add(10 * time.Second); err == nil && time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		_, err = conn.Write([]byte("x"))
	}
	if err == nil {
		t.Fatal("a sender of one byte each 5 ms was never cut off")
	}
	until(t, "the close is counted", func() bool { return r.Stats().ClosedSlow == 1 })
	r.stop()
	if got := r.sink.got(); len(got) != 2 || got[0] != "<13>whole" || strings.Trim(got[1], "x") != "" {
		t.Errorf("lines: %q", got)
	}
	r.balance(t)
}

func TestTCPIdle(t *testing.T) {
	r := start(t, Config{Network: "tcp", IdleTimeout: 50 * time.Millisecond}, newMemory())
	conn := r.dial(t)
	if _, err := conn.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("read: %v", err)
	}
	until(t, "the close is counted", func() bool { return r.Stats().ClosedIdle == 1 })
}

func TestTCPLimits(t *testing.T) {
	r := start(t, Config{Network: "tcp", MaxPerAddress: 2}, newMemory())
	var conns []net.Conn
	for range 3 {
		conns = append(conns, r.dial(t))
	}
	if _, err := conns[2].Read(make([]byte, 1)); err == nil {
		t.Error("third connection of an address was kept")
	}
	write(t, conns[0], "<13>a\n")
	conns[1].Close()
	until(t, "a place is free", func() bool { return r.Stats().Connections == 1 })
	write(t, r.dial(t), "<13>b\n")
	until(t, "lines", func() bool { return r.sink.count() == 2 })
	if s := r.Stats(); s.OverAddress != 1 || s.Opened != 3 {
		t.Errorf("stats: %+v", s)
	}
}

func TestTCPAllow(t *testing.T) {
	r := start(t, Config{Network: "tcp", Allow: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}, newMemory())
	if _, err := r.dial(t).Read(make([]byte, 1)); err == nil {
		t.Error("connection was kept")
	}
	if s := r.Stats(); s.NotAllowed != 1 {
		t.Errorf("stats: %+v", s)
	}
}

func TestTCPEndlessLine(t *testing.T) {
	r := start(t, Config{Network: "tcp", MaxLine: 1024}, newMemory())
	conn := r.dial(t)
	_, err := io.Copy(conn, &repeat{'x', 64 << 20, strings.NewReader("")})
	if err == nil {
		t.Error("64 MiB without an end were taken")
	}
	until(t, "the close is counted", func() bool { return r.Stats().ClosedEndless == 1 })
	r.stop()
	if sum := r.balance(t); sum.Received != 1 {
		t.Errorf("books: %+v", sum)
	}
}

func TestTCPHeldBack(t *testing.T) {
	sink := newMemory()
	sink.gate = make(chan struct{})
	r := start(t, Config{Network: "tcp"}, sink)
	conn := r.dial(t)
	line := "<13>" + strings.Repeat("x", 1000) + "\n"
	_ = conn.SetWriteDeadline(time.Now().Add(300 * time.Millisecond))
	sent, err := io.Copy(conn, &again{text: []byte(line)})
	if !errors.Is(err, context.DeadlineExceeded) && !strings.Contains(fmt.Sprint(err), "timeout") {
		t.Fatalf("a sink without room did not hold the sender back: %d bytes, %v", sent, err)
	}
	close(sink.gate)
	conn.Close()
	until(t, "every whole line", func() bool { return int64(sink.count()) >= sent/int64(len(line)) })
	r.stop()
	if sum := r.balance(t); sum.RefusedTotal() != 0 {
		t.Errorf("refused: %v", sum.Refused)
	}
}

func TestTCPDrain(t *testing.T) {
	r := start(t, Config{Network: "tcp"}, newMemory())
	conn := r.dial(t)
	var text strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&text, "<13>line %d\n", i)
	}
	write(t, conn, text.String())
	until(t, "the connection is there", func() bool { return r.Stats().Opened == 1 })
	r.stop() // the connection stays open: what has arrived is read
	if got := r.sink.count(); got != 5000 {
		t.Errorf("%d lines of 5000", got)
	}
	r.balance(t)
}

func TestTCPGivesUp(t *testing.T) {
	sink := newMemory()
	sink.gate = make(chan struct{}) // never opens
	r := start(t, Config{Network: "tcp", Drain: 50 * time.Millisecond}, sink)
	write(t, r.dial(t), "<13>a\n<13>b\n<13>c\n")
	until(t, "lines", func() bool { return r.Stats().Received > 0 })
	r.stop()
	if sum := r.balance(t); sum.Refused[event.Shutdown] != 3 {
		t.Errorf("books: %+v", sum)
	}
}

// TestTCPNul: a device that ends its lines with NUL and says little is neither
// delayed for long nor cut off.
func TestTCPNul(t *testing.T) {
	r := start(t, Config{Network: "tcp", FrameTimeout: 3 * time.Second}, newMemory())
	conn := r.dial(t)
	for i, line := range []string{"<13>a", "<13>b", "{\"c\":1}"} {
		began := time.Now()
		write(t, conn, line+"\x00")
		until(t, line, func() bool { return r.sink.count() == i+1 })
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("%s took %v", line, took)
		}
	}
	r.stop()
	if d := cmp.Diff([]string{"<13>a", "<13>b", "{\"c\":1}"}, r.sink.got()); d != "" || len(r.sink.anomaly) > 0 {
		t.Error(d, r.sink.anomaly)
	}
	if s := r.Stats(); s.ClosedSlow > 0 || s.Opened != 1 {
		t.Errorf("stats: %+v", s)
	}
}

// TestTCPWrongCounts: a sender that counts characters where it should count bytes
// damages its own frames and no others, and is not held until something times out.
func TestTCPWrongCounts(t *testing.T) {
	r := start(t, Config{Network: "tcp"}, newMemory())
	conn := r.dial(t)
	for i := range 3 {
		line := fmt.Sprintf("<13>ログオン %d", i)
		write(t, conn, fmt.Sprintf("%d %s", len([]rune(line)), line))
		good := fmt.Sprintf("<13>good %d", i)
		write(t, conn, fmt.Sprintf("%d %s", len(good), good))
	}
	until(t, "all", func() bool { return r.sink.count() == 9 })
	r.stop()
	good := 0
	for _, line := range r.sink.got() {
		if strings.HasPrefix(line, "<13>good ") {
			good++
		}
	}
	if good != 3 {
		t.Errorf("%q", r.sink.got())
	}
	r.balance(t)
}
