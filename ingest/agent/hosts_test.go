package agent

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yagura/internal/event"
)

// stream is a sink and the stream behind it: every block that reached the disk.
type stream struct {
	*disk
	mu     sync.Mutex
	tolds  []func(uint64, error)
	cur    *event.Builder
	blocks []*event.Block
	state  []byte
	seq    uint64
}

func newStream() *stream { return &stream{disk: newDisk(), cur: &event.Builder{}} }

func (s *stream) Watch(told func(uint64, error)) func() {
	s.mu.Lock()
	s.tolds = append(s.tolds, told)
	s.mu.Unlock()
	s.disk.Watch(func(b uint64, err error) {
		s.mu.Lock()
		all := s.tolds
		if err == nil {
			block, bad := event.Decode(s.cur.Seal(event.ID{Tenant: "t", Node: "n", Epoch: 1, Seq: b}, time.Now()))
			if bad != nil {
				panic(bad)
			}
			s.blocks = append(s.blocks, block)
		}
		s.cur = &event.Builder{}
		s.mu.Unlock()
		for _, told := range all {
			told(b, err)
		}
	})
	return func() {}
}

func (s *stream) AppendBlock(ctx context.Context, d *event.Draft) (uint64, error) {
	n, err := s.disk.AppendBlock(ctx, d)
	if err == nil {
		s.mu.Lock()
		s.cur.Append(d)
		s.mu.Unlock()
	}
	return n, err
}

func (s *stream) Published() uint64 { s.mu.Lock(); defer s.mu.Unlock(); return uint64(len(s.blocks)) }

func (s *stream) Blocks(_ context.Context, after uint64, each func(*event.Block)) (uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.blocks[after:] {
		each(b)
	}
	return uint64(len(s.blocks)), nil
}

func (s *stream) Load(context.Context) ([]byte, uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state, s.seq, nil
}

func (s *stream) Save(_ context.Context, seq uint64, state []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state, s.seq = state, seq
	return nil
}

// raws are the lines on disk, in order.
func (s *stream) raws() (all []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.blocks {
		for i := range b.Len() {
			all = append(all, string(b.Event(i).Raw()))
		}
	}
	return all
}

// enrolled is an agent of the server.
type enrolled struct {
	*bench
	name string
	key  *ecdsa.PrivateKey
	http *http.Client
}

func serveHosts(t *testing.T, s *stream, folder string) *bench {
	t.Helper()
	b := &bench{TB: t, disk: s.disk}
	var err error
	if b.Server, err = New(Config{Address: "127.0.0.1:0", Folder: folder, Stream: s, Patience: 2 * time.Second}, s, func() Handler { return plainHandler{} }, quiet); err != nil {
		t.Fatal(err)
	}
	if err := b.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	gone := make(chan error, 1)
	go func() { gone <- b.Run(ctx) }()
	b.stop = sync.OnceFunc(func() { cancel(); <-gone })
	t.Cleanup(b.stop)
	b.until("agents are let in", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return b.hosts.work.Load() != nil && len(s.tolds) >= 2
	})
	return b
}

func csrOf(t testing.TB, key *ecdsa.PrivateKey) string {
	t.Helper()
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pemOf("CERTIFICATE REQUEST", der))
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// with is a client that shows a certificate.
func (b *bench) with(cert string, key *ecdsa.PrivateKey) *http.Client {
	pool := x509.NewCertPool()
	pool.AddCert(b.certs.authority.cert)
	c := &tls.Config{RootCAs: pool}
	if cert != "" {
		block, _ := pem.Decode([]byte(cert))
		c.Certificates = []tls.Certificate{{Certificate: [][]byte{block.Bytes}, PrivateKey: key}}
	}
	h := &http.Client{Transport: &http.Transport{TLSClientConfig: c}, Timeout: 20 * time.Second}
	b.Cleanup(h.CloseIdleConnections)
	return h
}

func ask(t testing.TB, h *http.Client, url string, q, a any) int {
	t.Helper()
	body, ok := q.([]byte)
	if !ok {
		var err error
		if body, err = json.Marshal(q); err != nil {
			t.Fatal(err)
		}
	}
	res, err := h.Post(url, "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode == http.StatusOK && a != nil {
		if err := json.Unmarshal(text, a); err != nil {
			t.Fatal(err)
		}
	}
	return res.StatusCode
}

func (b *bench) enrol(name string) *enrolled {
	b.Helper()
	token, err := b.registry.Issue(Entry{Name: name, Kind: KindEnrol, Expires: time.Now().Add(time.Hour)})
	if err != nil {
		b.Fatal(err)
	}
	e := &enrolled{bench: b, name: name, key: newKey(b.TB)}
	var a enrolAnswer
	if code := ask(b.TB, b.with("", nil), b.url("/agent/v1/enrol"), enrolQuestion{token, csrOf(b.TB, e.key)}, &a); code != 200 || a.Name != name {
		b.Fatalf("enrol: %d %+v", code, a)
	}
	e.http = b.with(a.Certificate, e.key)
	return e
}

// body is a request with the lines numbered from first on.
func (e *enrolled) body(first uint64, lines ...string) []byte {
	text := func(b []byte, s string) []byte { return append(binary.AppendUvarint(b, uint64(len(s))), s...) }
	b := text(text(text([]byte(hostMagic), e.name), "host-of-"+e.name), "1.0")
	b = binary.LittleEndian.AppendUint64(b, first)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(lines)))
	b = binary.LittleEndian.AppendUint64(b, uint64(time.Now().UnixNano()))
	b = binary.LittleEndian.AppendUint64(b, uint64(2*time.Second))
	for _, l := range lines {
		r := binary.AppendUvarint(text(text(nil, "files"), "/var/log/a.log"), 7)
		r = binary.AppendVarint(r, time.Now().UnixNano())
		r = binary.AppendUvarint(text(text(r, ""), ""), 0)
		r = append(r, l...)
		b = append(binary.AppendUvarint(b, uint64(len(r))), r...)
	}
	return b
}

func (e *enrolled) send(first uint64, lines ...string) (through uint64, code int) {
	e.Helper()
	var a hostAnswer
	code = ask(e.TB, e.http, e.url("/agent/v1/records"), e.body(first, lines...), &a)
	return a.AcceptedThrough, code
}

func (e *enrolled) hello(from uint64) (a hostAnswer) {
	e.Helper()
	if code := ask(e.TB, e.http, e.url("/agent/v1/hello"), map[string]uint64{"from": from}, &a); code != 200 {
		e.Fatalf("hello: %d", code)
	}
	return a
}

func TestEachRecordIsStoredOnce(t *testing.T) {
	s, folder := newStream(), t.TempDir()
	b := serveHosts(t, s, folder)
	e := b.enrol("pc1")
	if through, code := e.send(100, "a", "b", "c"); code != 200 || through != 102 {
		t.Fatalf("%d %d", code, through)
	}
	if through, code := e.send(101, "b", "c", "d"); code != 200 || through != 103 {
		t.Fatalf("%d %d", code, through)
	}
	if d := cmp.Diff([]string{"a", "b", "c", "d"}, s.raws()); d != "" {
		t.Error(d)
	}
	if st, ok := b.HostStats(); !ok || st.Received != 4 || st.Name == b.cfg.Name {
		t.Errorf("%+v", st)
	}
	b.stop()
	s.state, s.seq = nil, 0 // nothing was saved: the stream alone tells
	s.tolds = nil
	b = serveHosts(t, s, folder)
	e.bench = b
	e.http.CloseIdleConnections()
	if a := e.hello(100); a.AcceptedThrough != 103 || a.Highest != 103 {
		t.Errorf("%+v", a)
	}
	if a := e.hello(500); a.AcceptedThrough != 499 {
		t.Errorf("%+v", a)
	}
	if through, code := e.send(102, "c", "d", "e"); code != 200 || through != 104 {
		t.Fatalf("%d %d", code, through)
	}
	if d := cmp.Diff([]string{"a", "b", "c", "d", "e"}, s.raws()); d != "" {
		t.Error(d)
	}
}

func TestWhatTheEventSays(t *testing.T) {
	s := newStream()
	e := serveHosts(t, s, t.TempDir()).enrol("pc1")
	if _, code := e.send(1<<50, "panic please", "line"); code != 200 {
		t.Fatal(code)
	}
	for i, want := range []map[string]string{
		{"agent.id": "pc1", "event.sequence": "1125899906842624", "yagura.anomaly": AnomalyPanic},
		{"agent.id": "pc1", "agent.name": "pc1", "agent.type": "yagura", "agent.version": "1.0", "event.sequence": "1125899906842625",
			"host.name": "host-of-pc1", "log.file.path": "/var/log/a.log", "log.offset": "7"},
	} {
		got := map[string]string{}
		ev := s.blocks[0].Event(i)
		for k := range ev.Len() {
			f, v := ev.At(k)
			got[s.blocks[0].NameOf(f)] = string(v)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
		if src := ev.Source(); src.Peer != "pc1" || !strings.HasPrefix(src.Listener, "agent:127.0.0.1:") {
			t.Errorf("%+v", src)
		}
		if off := time.Since(ev.Time()); off < time.Second || off > 10*time.Second { // the host's clock is 2 s ahead
			t.Errorf("time is %v ago", off)
		}
	}
}

func TestAReportSaysItsOwn(t *testing.T) {
	var d event.Draft
	d.Reset([]byte("x"))
	report(&d, []byte(`{"yagura.clock_offset":-1.5,"yagura.agent.spool.bytes":7,"yagura.zone":"mynumber","host.name":"h"}`))
	got := map[string]string{}
	for i := range d.Len() {
		f, v := d.At(i)
		got[d.NameOf(f)] = string(v)
	}
	if diff := cmp.Diff(map[string]string{"yagura.clock_offset": "-1.5", "yagura.agent.spool.bytes": "7"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestALineCannotSayThatItWasTaken(t *testing.T) {
	s, folder := newStream(), t.TempDir()
	var d event.Draft
	d.Reset([]byte("x"))
	d.Received = time.Now()
	d.Source = event.Source{Peer: "pc1", Listener: "https:127.0.0.1:8443"}
	mark(&d, "pc1", 100)
	s.cur.Append(&d)
	d.Source.Listener = "udp:127.0.0.1:514"
	s.cur.Append(&d)
	block, err := event.Decode(s.cur.Seal(event.ID{Tenant: "t", Node: "n", Epoch: 1, Seq: 1}, time.Now()))
	if err != nil {
		t.Fatal(err)
	}
	s.cur, s.blocks = &event.Builder{}, append(s.blocks, block)
	e := serveHosts(t, s, folder).enrol("pc1")
	if through, code := e.send(100, "mine"); code != 200 || through != 100 || len(s.raws()) != 3 {
		t.Errorf("%d %d %v", code, through, s.raws())
	}
}

func TestAMarkFitsIntoAFullEvent(t *testing.T) {
	var d event.Draft
	d.Reset([]byte("x"))
	for i := range event.MaxFields + 10 {
		d.SetString(d.Local(fmt.Sprint("f", i%200)), "v")
	}
	d.SetString(event.AgentID, "somebody")
	mark(&d, "pc1", 7)
	id, _ := d.Get(event.AgentID)
	n, _ := d.Get(event.EventSequence)
	if string(id) != "pc1" || string(n) != "7" {
		t.Errorf("%s %s", id, n)
	}
}

func TestALostBlockIsTakenAgain(t *testing.T) {
	s := newStream()
	e := serveHosts(t, s, t.TempDir()).enrol("pc1")
	s.setHeld(true)
	type answer struct {
		through uint64
		code    int
	}
	answers := make(chan answer, 1)
	go func() { through, code := e.send(1, "a", "b"); answers <- answer{through, code} }()
	e.until("both are taken", func() bool { return len(s.got()) == 2 })
	s.disk.reach(errDisk)
	if a := <-answers; a.code != http.StatusServiceUnavailable {
		t.Errorf("%+v", a)
	}
	s.setHeld(false)
	if through, code := e.send(1, "a", "b"); code != 200 || through != 2 {
		t.Errorf("%d %d", code, through)
	}
	if d := cmp.Diff([]string{"a", "b"}, s.raws()); d != "" {
		t.Error(d)
	}
}

func TestAnAnswerThatComesTooLateIsGivenTheNextTime(t *testing.T) {
	s := newStream()
	e := serveHosts(t, s, t.TempDir()).enrol("pc1")
	s.setHeld(true)
	if _, code := e.send(1, "a"); code != http.StatusServiceUnavailable {
		t.Fatal(code)
	}
	if state, seq, _, err := e.hosts.taken.save(99); err != nil || seq != 0 || strings.Contains(string(state), "pc1") {
		t.Errorf("%s %d: a block that is not decided is covered", state, seq)
	}
	s.setHeld(false)
	s.disk.reach(nil)
	if through, code := e.send(1, "a", "b"); code != 200 || through != 2 {
		t.Errorf("%d %d", code, through)
	}
	if d := cmp.Diff([]string{"a", "b"}, s.raws()); d != "" {
		t.Error(d)
	}
}

func TestOneTimeMeansOnce(t *testing.T) {
	b := serveHosts(t, newStream(), t.TempDir())
	token, err := b.registry.Issue(Entry{Name: "pc1", Kind: KindEnrol, Expires: time.Now().Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	codes := make(chan int, 8)
	for range cap(codes) {
		h, csr := b.with("", nil), csrOf(t, newKey(t))
		go func() { codes <- ask(t, h, b.url("/agent/v1/enrol"), enrolQuestion{token, csr}, nil) }()
	}
	got := map[int]int{}
	for range cap(codes) {
		got[<-codes]++
	}
	if got[200] != 1 || got[200]+got[401]+got[429] != cap(codes) {
		t.Errorf("%v", got)
	}
}

func TestWhoMayDoWhat(t *testing.T) {
	b := serveHosts(t, newStream(), t.TempDir())
	one, two := b.enrol("pc1"), b.enrol("pc2")
	body := two.body(1, "x")
	if code := ask(t, one.http, b.url("/agent/v1/records"), body, nil); code != http.StatusForbidden {
		t.Errorf("another's records: %d", code)
	}
	if code := ask(t, b.with("", nil), b.url("/agent/v1/records"), body, nil); code != http.StatusUnauthorized {
		t.Errorf("nobody's records: %d", code)
	}
	token, err := b.registry.Issue(Entry{Name: "shipper", Kind: KindToken})
	if err != nil {
		t.Fatal(err)
	}
	req, _ := http.NewRequest(http.MethodPost, b.url("/agent/v1/hello"), strings.NewReader(`{"from":1}`))
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := b.with("", nil).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusForbidden {
		t.Errorf("a token's hello: %d", res.StatusCode)
	}
	if err := b.registry.Revoke("pc1"); err != nil {
		t.Fatal(err)
	}
	if _, code := one.send(1, "x"); code != http.StatusUnauthorized {
		t.Errorf("revoked: %d", code)
	}
	if _, code := two.send(1, "x"); code != 200 {
		t.Errorf("the other: %d", code)
	}
}

func TestARenewedCertificateAndTheOldOneAreGood(t *testing.T) {
	b := serveHosts(t, newStream(), t.TempDir())
	e := b.enrol("pc1")
	for range 2 { // the first answer gets lost
		var a enrolAnswer
		if code := ask(t, e.http, b.url("/agent/v1/renew"), enrolQuestion{CSR: csrOf(t, e.key)}, &a); code != 200 {
			t.Fatal(code)
		}
		renewed := *e
		renewed.http = b.with(a.Certificate, e.key)
		renewed.hello(1)
		e.hello(1)
	}
}

func TestSpans(t *testing.T) {
	for in, want := range map[string]string{
		"1-3 4-5":         "1-5",
		"4-5 1-3":         "1-5",
		"1-2 4-5":         "1-2 4-5",
		"4-5 1-2 3-3":     "1-5",
		"1-9 3-4":         "1-9",
		"1-2 5-6 8-9 2-8": "1-9",
		"5-6 1-1":         "1-1 5-6",
	} {
		var s spans
		for _, w := range strings.Fields(in) {
			var n span
			if _, err := fmt.Sscanf(w, "%d-%d", &n.first, &n.last); err != nil {
				t.Fatal(err)
			}
			s.add(n)
		}
		var got []string
		for _, n := range s {
			got = append(got, fmt.Sprintf("%d-%d", n.first, n.last))
		}
		if d := cmp.Diff(want, strings.Join(got, " ")); d != "" {
			t.Errorf("%s: %s", in, d)
		}
	}
}

func FuzzHostBatch(f *testing.F) {
	e := &enrolled{name: "pc1"}
	f.Add(e.body(1, "line", "another"))
	f.Add([]byte(hostMagic))
	f.Fuzz(func(t *testing.T, body []byte) {
		b, err := readHostBatch(body)
		if err == nil && (len(b.Records) == 0 || b.First == 0) {
			t.Errorf("%+v", b)
		}
	})
}

// unready is a stream before the bus is open.
type unready struct{ *stream }

func (unready) Load(context.Context) ([]byte, uint64, error) { panic("the bus is not open") }

func TestAServerThatNeverRanAsksNothing(t *testing.T) {
	s, err := New(Config{Address: "127.0.0.1:0", Folder: t.TempDir(), Stream: unready{newStream()}}, newStream(), func() Handler { return plainHandler{} }, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Run(ended); err != nil {
		t.Error(err)
	}
}
