package test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"yagura/ingest"
	"yagura/ingest/syslog"
	"yagura/internal/event"
)

// slowBus is a bus that takes its time for each block and keeps the numbers of the
// lines.
type slowBus struct {
	takes   time.Duration
	mu      sync.Mutex
	numbers []int
}

var numbered = regexp.MustCompile(`numbered line (\d+)\.`)

func (b *slowBus) PublishBlock(_ context.Context, _ event.ID, packed []byte) (uint64, error) {
	block, err := event.Unpack(packed)
	if err != nil {
		return 0, err
	}
	time.Sleep(b.takes) // the disk's time
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range block.Len() {
		if m := numbered.FindSubmatch(block.Event(i).Raw()); m != nil {
			n, _ := strconv.Atoi(string(m[1]))
			b.numbers = append(b.numbers, n)
		}
	}
	return 1, nil
}

// seen tells how many different lines there are, and which came more than once.
func (b *slowBus) seen() (distinct int, doubled []int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	sorted := slices.Sorted(slices.Values(b.numbers))
	for i, n := range sorted {
		if i > 0 && n == sorted[i-1] {
			doubled = append(doubled, n)
		} else {
			distinct++
		}
	}
	return distinct, doubled
}

type unparsed struct{}

func (unparsed) Handle(*event.Draft) {}

// receiveRELP runs a RELP listener and a packer in this process.
func receiveRELP(t *testing.T, bus ingest.Publisher) *syslog.Listener {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	packer := ingest.NewPacker(ingest.Config{Tenant: "demo", Node: "n1", Epoch: 1}, bus, log)
	l, err := syslog.New(syslog.Config{Network: "relp", Address: "127.0.0.1:0"}, packer, func() syslog.Handler { return unparsed{} }, log)
	if err == nil {
		err = l.Listen()
	}
	if err != nil {
		t.Fatal(err)
	}
	reading, stop := context.WithCancel(context.Background())
	packing, end := context.WithCancel(context.Background())
	read, packed := make(chan error, 1), make(chan error, 1)
	go func() { read <- l.Run(reading) }()
	go func() { packed <- packer.Run(packing) }()
	t.Cleanup(func() {
		stop()
		err := <-read
		end()
		if err = errors.Join(err, <-packed); err != nil {
			t.Error(err)
		}
	})
	return l
}

// knife relays connections both ways and breaks each (RST on both sides) after some
// bytes forth or back.
type knife struct {
	listener net.Listener
	to       string

	mu   sync.Mutex
	rand *rand.Rand
	cuts int // still to be made
}

func cutting(t *testing.T, to string, cuts int) *knife {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	k := &knife{listener: l, to: to, rand: rand.New(rand.NewPCG(1, 2)), cuts: cuts}
	go k.run()
	t.Cleanup(func() { _ = l.Close() })
	return k
}

func (k *knife) run() {
	for {
		in, err := k.listener.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", k.to)
		if err != nil {
			_ = in.Close()
			continue
		}
		forth, back := k.limits()
		go k.pump(out, in, forth)
		go k.pump(in, out, back)
	}
}

// limits says after how many bytes the next connection is cut.
func (k *knife) limits() (forth, back int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	const never = 1 << 40
	switch {
	case k.cuts == 0:
		return never, never
	case k.rand.IntN(2) == 0:
		return 500 + k.rand.IntN(60_000), never
	}
	return never, 100 + k.rand.IntN(8_000)
}

func (k *knife) pump(to, from net.Conn, limit int) {
	buf := make([]byte, 4<<10)
	for {
		n, err := from.Read(buf[:min(len(buf), limit)])
		limit -= n
		_, werr := to.Write(buf[:n])
		if err == nil && werr == nil && limit > 0 {
			continue
		}
		if limit == 0 {
			k.mu.Lock()
			k.cuts = max(k.cuts-1, 0)
			k.mu.Unlock()
		}
		for _, c := range []net.Conn{to, from} {
			_, _ = c.(*net.TCPConn).SetLinger(0), c.Close()
		}
		return
	}
}

func (k *knife) left() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.cuts
}

// TestRELPCutUnderLoad breaks the connections of a real rsyslog again and again while
// it sends as fast as it can: in the middle of messages, of answers, of what it sends
// again. No line is lost, none is stored twice.
func TestRELPCutUnderLoad(t *testing.T) {
	needRELP(t)
	for _, takes := range []time.Duration{200 * time.Microsecond, 4 * time.Millisecond} {
		t.Run("blocks of "+takes.String(), func(t *testing.T) {
			t.Parallel()
			bus := &slowBus{takes: takes}
			l := receiveRELP(t, bus)
			k := cutting(t, l.Addr().String(), 12)
			app := filepath.Join(shortDir(t), "app.log")
			appendFile(t, app, "numbered line 1.\n")
			sendRELP(t, k.listener.Addr().String(), app)
			stop, sent := make(chan struct{}), make(chan int, 1)
			go func() { sent <- writeOn(app, stop) }()
			e := &env{T: t}
			e.until(time.Minute, func() bool { return k.left() == 0 }, func() string { return fmt.Sprint(k.left(), " cuts are left") })
			close(stop)
			n := <-sent
			e.until(time.Minute, func() bool { d, _ := bus.seen(); return d == n }, func() string { d, _ := bus.seen(); return fmt.Sprintf("%d lines of %d", d, n) })
			_, doubled := bus.seen()
			t.Logf("%d lines through 12 cuts: 0 lost, %d doubled, %d recognised", n, len(doubled), l.Stats().Resent)
			if len(doubled) > 0 {
				t.Errorf("doubled: %v", doubled)
			}
		})
	}
}
