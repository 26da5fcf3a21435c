package agent

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"yagura/internal/event"
)

var quiet = slog.New(slog.DiscardHandler)

// disk is a Sink whose blocks reach the disk when the test says so, or at once.
type disk struct {
	mu      sync.Mutex
	room    *sync.Cond
	full    bool // Append waits
	held    bool // blocks do not reach the disk before release
	block   uint64
	lines   []string
	told    func(uint64, error)
	tallies map[event.Source]event.Tally
}

func newDisk() *disk {
	d := &disk{block: 1, tallies: map[event.Source]event.Tally{}}
	d.room = sync.NewCond(&d.mu)
	return d
}

func (d *disk) AppendBlock(ctx context.Context, e *event.Draft) (uint64, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	defer context.AfterFunc(ctx, func() { d.mu.Lock(); defer d.mu.Unlock(); d.room.Broadcast() })()
	for d.full {
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
		d.room.Wait()
	}
	d.lines = append(d.lines, string(e.Raw()))
	return d.block, nil
}

func (d *disk) Watch(told func(uint64, error)) func() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.told = told
	return func() { d.mu.Lock(); defer d.mu.Unlock(); d.told = nil }
}

func (d *disk) Hurry() {
	d.mu.Lock()
	held := d.held
	d.mu.Unlock()
	if !held {
		d.reach(nil)
	}
}

// reach brings the current block to the disk, or loses it.
func (d *disk) reach(err error) {
	d.mu.Lock()
	told, block := d.told, d.block
	d.block++
	d.mu.Unlock()
	if told != nil {
		told(block, err)
	}
}

func (d *disk) Tally(t event.Tally) {
	d.mu.Lock()
	defer d.mu.Unlock()
	sum := d.tallies[t.Source]
	sum.Source = t.Source
	sum.Received += t.Received
	for i, n := range t.Refused {
		sum.Refused[i] += n
	}
	d.tallies[t.Source] = sum
}

func (d *disk) setFull(full bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.full = full
	d.room.Broadcast()
}

func (d *disk) setHeld(held bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.held = held
}

func (d *disk) got() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]string(nil), d.lines...)
}

// plainHandler parses nothing; a line "panic" panics.
type plainHandler struct{}

func (plainHandler) Parse(d *event.Draft, fill func(*event.Draft)) {
	if strings.HasPrefix(string(d.Raw()), "panic") {
		panic("of a parser")
	}
	if fill != nil {
		fill(d)
	}
}

// bench is a running server.
type bench struct {
	testing.TB
	*Server
	disk   *disk
	client *http.Client
	token  string
	stop   func()
}

// serve runs a server on a folder and a port of its own, with one token "filebeat".
func serve(t testing.TB, change func(*Config)) *bench {
	t.Helper()
	cfg := Config{Address: "127.0.0.1:0", Folder: t.TempDir()}
	if change != nil {
		change(&cfg)
	}
	b := &bench{TB: t, disk: newDisk()}
	var err error
	if b.Server, err = New(cfg, b.disk, func() Handler { return plainHandler{} }, quiet); err != nil {
		t.Fatal(err)
	}
	if err := b.Listen(); err != nil {
		t.Fatal(err)
	}
	if b.token, err = b.registry.Issue(Entry{Name: "filebeat", Kind: KindToken}); err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(b.certs.authority.cert)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, MaxIdleConnsPerHost: 64}
	b.client = &http.Client{Transport: transport, Timeout: 30 * time.Second}
	end := runs(t, b.Run, b.disk)
	b.stop = func() { transport.CloseIdleConnections(); end() }
	t.Cleanup(b.stop)
	return b
}

// runs runs a listener over a disk until stop, or the end of the test.
func runs(t testing.TB, run func(context.Context) error, d *disk) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	gone := make(chan error, 1)
	go func() { gone <- run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-gone; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	until(t, "the desk hears of blocks", func() bool { d.mu.Lock(); defer d.mu.Unlock(); return d.told != nil })
	return stop
}

// filled tells the fields that an envelope sets, one behind the other.
func filled(fill func(*event.Draft)) (s string) {
	var d event.Draft
	d.Reset(nil)
	fill(&d)
	for i := range d.Len() {
		f, v := d.At(i)
		s += fmt.Sprintf(" %s=%s", d.NameOf(f), v)
	}
	return s
}

func (b *bench) until(what string, ok func() bool) {
	b.Helper()
	until(b.TB, what, ok)
}

func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within 20 s: %s", what)
		}
	}
}

// url is that of a path.
func (b *bench) url(path string) string { return "https://" + b.Addr().String() + path }

var errDisk = errors.New("the disk is gone")
