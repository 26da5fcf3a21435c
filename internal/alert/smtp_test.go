package alert

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"yagura/internal/event"
)

// server is a real SMTP server whose policies a test sets.
type server struct {
	mu    sync.Mutex
	mails [][]byte
	to    []string
	tried map[string]int // RCPT, by address
	plain bool           // anything past EHLO came without TLS
	users []string

	rcpt func(to string, try int) error // nil: yes
	data func(to string, try int) error // after the message was read
	cut  func(try int) bool             // cuts the connection within the message

	port int
	ca   string // PEM file
}

type session struct {
	s    *server
	conn *smtp.Conn
	to   string
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }
func (s *session) Mail(string, *smtp.MailOptions) error {
	if _, ok := s.conn.TLSConnectionState(); !ok {
		s.s.mu.Lock()
		s.s.plain = true
		s.s.mu.Unlock()
	}
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.s.mu.Lock()
	s.s.tried[to]++
	try := s.s.tried[to]
	s.s.mu.Unlock()
	s.to = to
	if s.s.rcpt != nil {
		return s.s.rcpt(to, try)
	}
	return nil
}

func (s *session) Data(r io.Reader) error {
	if s.s.cut != nil && s.s.cut(s.s.tries(s.to)) {
		_, _ = io.ReadFull(r, make([]byte, 100))
		return s.conn.Conn().Close()
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.s.mu.Lock()
	s.s.mails, s.s.to = append(s.s.mails, raw), append(s.s.to, s.to)
	try := s.s.tried[s.to]
	s.s.mu.Unlock()
	if s.s.data != nil {
		return s.s.data(s.to, try)
	}
	return nil
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if password != "open sesame" {
			return errors.New("no")
		}
		s.s.mu.Lock()
		defer s.s.mu.Unlock()
		s.s.users = append(s.s.users, user)
		return nil
	}), nil
}

func (s *server) tries(to string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tried[to]
}

func (s *server) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.mails)
}

// newServer listens; secure false means it offers no STARTTLS.
func newServer(t testing.TB, secure bool) *server {
	t.Helper()
	s := &server{tried: map[string]int{}}
	backend := smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &session{s: s, conn: c}, nil })
	listener := smtp.NewServer(backend)
	listener.Domain = "localhost"
	listener.ErrorLog = quiet{}
	if secure {
		var cert tls.Certificate
		cert, s.ca = certificate(t)
		listener.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.port = l.Addr().(*net.TCPAddr).Port
	go func() { _ = listener.Serve(l) }()
	t.Cleanup(func() { _ = listener.Close() })
	return s
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

// certificate makes one for 127.0.0.1 that is its own root.
func certificate(t testing.TB) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test root"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, path
}

func (s *server) config(t testing.TB, people ...string) Config {
	cfg := Config{
		Data: t.TempDir(), RetryFirst: 5 * time.Millisecond, RetryMax: 20 * time.Millisecond, Drain: time.Second,
		SMTP: &SMTP{Host: "127.0.0.1", Port: s.port, CA: s.ca, Timeout: 5 * time.Second},
	}
	for _, p := range people {
		cfg.OnCall.People = append(cfg.OnCall.People, Person{Name: p, Address: p + "@example.jp"})
	}
	return cfg
}

func TestSMTPDelivers(t *testing.T) {
	srv := newServer(t, true)
	cfg := srv.config(t, "a")
	cfg.SMTP.User, cfg.SMTP.PasswordFile = "yagura", filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(cfg.SMTP.PasswordFile, []byte("open sesame\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := openStage(t, cfg, Deps{})
	start(t, s)
	a := makeAlert(1, "203.0.113.7", noon)
	a.Events[0].Message = ".\n.leading dots\n" + a.Events[0].Message
	take(t, s, a)
	wait(t, "the mail", func() bool { return s.Stats().Sent == 1 })
	if st := s.Stats(); st.Trouble != "" {
		t.Errorf("trouble: %s", st.Trouble)
	}
	m := read(t, srv.mails[0])
	if m.subject != "[櫓 高] SSH パスワード総当り: 203.0.113.7 (I-"+a.ID[:12]+")" || m.to != "a@example.jp" {
		t.Errorf("subject %q to %s", m.subject, m.to)
	}
	if !strings.Contains(m.text, "FortiGate") || !strings.Contains(m.html, "<table") || srv.plain || len(srv.users) != 1 {
		t.Errorf("plain %v, users %v, mail %s", srv.plain, srv.users, m.raw)
	}
}

func TestSMTPImplicitTLS(t *testing.T) {
	srv := newServer(t, true)
	cert, ca := certificate(t)
	port := relay(t, srv.port, func(client, server net.Conn) {
		secure := tls.Server(client, &tls.Config{Certificates: []tls.Certificate{cert}})
		go func() { _, _ = io.Copy(server, secure) }()
		_, _ = io.Copy(secure, server)
	})
	r, err := newSMTP(SMTP{Host: "127.0.0.1", Port: port, CA: ca, Timeout: 5 * time.Second}, "yagura@example.jp")
	if err != nil {
		t.Fatal(err)
	}
	r.implicit = true
	called := 0
	err = r.deliver(context.Background(), letter{id: "I-1.1", to: "a@example.jp", bytes: []byte("Subject: x\r\n\r\nx\r\n")}, func() error { called++; return nil })
	if err != nil || srv.count() != 1 || called != 1 {
		t.Errorf("%v, %d mails, before called %d times", err, srv.count(), called)
	}
}

// A person whose digest is refused: the next one gets single mails up to the
// limit, then a digest, and every incident in one of them.
func TestGreetingIsAFullName(t *testing.T) {
	for _, c := range []struct{ host, from, want string }{
		{"log01.example.lg.jp", "yagura@example.jp", "log01.example.lg.jp"},
		{"log01.example.lg.jp.", "yagura@example.jp", "log01.example.lg.jp"},
		{"log01", "yagura@example.jp", "example.jp"},
		{"log_01.x", "yagura@example.jp", "example.jp"},
		{"", "yagura@localhost", "localhost"},
	} {
		if got := greeting(c.host, c.from); got != c.want {
			t.Errorf("%s, %s: %s, want %s", c.host, c.from, got, c.want)
		}
	}
}

// A delivery that fails leaves no connection behind.
func TestSMTPFailureClosesTheConnection(t *testing.T) {
	srv := newServer(t, true)
	srv.rcpt = func(string, int) error { return &smtp.SMTPError{Code: 450, Message: "come again"} }
	cert, ca := certificate(t)
	closed := make(chan struct{})
	port := relay(t, srv.port, func(client, server net.Conn) {
		secure := tls.Server(client, &tls.Config{Certificates: []tls.Certificate{cert}})
		go func() { _, _ = io.Copy(secure, server) }()
		_, _ = io.Copy(server, secure)
		close(closed)
	})
	r, err := newSMTP(SMTP{Host: "127.0.0.1", Port: port, CA: ca, Timeout: time.Minute}, "yagura@example.jp")
	if err != nil {
		t.Fatal(err)
	}
	r.implicit = true
	if err := r.deliver(context.Background(), letter{id: "I-1.1", to: "a@example.jp", bytes: []byte("x\r\n")}, func() error { return nil }); err == nil {
		t.Fatal("delivered")
	}
	select {
	case <-closed:
	case <-time.After(10 * time.Second):
		t.Error("the connection is open still")
	}
}

func TestSMTPRefusedDigest(t *testing.T) {
	srv := newServer(t, true)
	srv.rcpt = func(to string, _ int) error { return failing(to[0] == 'a', &smtp.SMTPError{Code: 550, Message: "no"}) }
	cfg := srv.config(t, "a", "b")
	cfg.MailsPerWindow, cfg.DigestEvery = 3, 20*time.Millisecond
	s := openStage(t, cfg, Deps{})
	ids := map[string]bool{}
	for i := range 30 {
		a := makeAlert(i, fmt.Sprintf("203.0.113.%d", i), noon)
		take(t, s, a)
		ids["I-"+a.ID[:12]] = true
	}
	start(t, s)
	wait(t, "all of it", func() bool { st := s.Stats(); return st.Due+st.Queued == 0 && st.Sent > 0 })
	srv.mu.Lock()
	defer srv.mu.Unlock()
	if len(srv.mails) > 10 {
		t.Errorf("%d mails", len(srv.mails))
	}
	for _, raw := range srv.mails {
		for _, word := range strings.Fields(read(t, raw).text) {
			delete(ids, strings.Trim(word, "()"))
		}
	}
	if len(ids) != 0 {
		t.Errorf("%d incidents are in no mail", len(ids))
	}
}

// What is temporary is tried again with the same Message-ID and the same bytes.
func TestSMTPRetries(t *testing.T) {
	temporary := &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "greylisted"}
	for name, set := range map[string]func(*server){
		"greylisting": func(s *server) {
			s.rcpt = func(_ string, try int) error { return failing(try < 3, temporary) }
		},
		"4xx after the final dot": func(s *server) {
			s.data = func(_ string, try int) error { return failing(try < 3, temporary) }
		},
		"cut within the message": func(s *server) { s.cut = func(try int) bool { return try < 3 } },
	} {
		t.Run(name, func(t *testing.T) {
			srv := newServer(t, true)
			set(srv)
			s := openStage(t, srv.config(t, "a", "b"), Deps{})
			start(t, s)
			take(t, s, makeAlert(1, "203.0.113.7", noon))
			wait(t, "the mail", func() bool { return s.Stats().Sent == 1 })
			srv.mu.Lock()
			defer srv.mu.Unlock()
			if srv.tried["a@example.jp"] != 3 || srv.tried["b@example.jp"] != 0 {
				t.Errorf("tries %v", srv.tried)
			}
			sameCopies(t, srv.mails)
		})
	}
}

// A wrong password is our fault, not the recipient's: it is tried again, and the
// right one in the file needs no restart.
func TestSMTPWrongPassword(t *testing.T) {
	srv := newServer(t, true)
	cfg := srv.config(t, "a", "b")
	cfg.SMTP.User, cfg.SMTP.PasswordFile = "yagura", filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(cfg.SMTP.PasswordFile, []byte("wrong"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := openStage(t, cfg, Deps{})
	start(t, s)
	take(t, s, makeAlert(1, "203.0.113.7", noon))
	wait(t, "three tries", func() bool { return s.Stats().Retries >= 3 })
	if st := s.Stats(); st.Failed != 0 || strings.Contains(st.Trouble, "wrong") || st.Trouble == "" {
		t.Errorf("%+v", st)
	}
	if err := os.WriteFile(cfg.SMTP.PasswordFile, []byte("open sesame\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	wait(t, "the mail", func() bool { return s.Stats().Sent == 1 })
}

func failing(yes bool, err error) error {
	if yes {
		return err
	}
	return nil
}

func sameCopies(t testing.TB, mails [][]byte) {
	t.Helper()
	for _, m := range mails[1:] {
		if string(m) != string(mails[0]) {
			t.Errorf("copies differ:\n%s\n%s", mails[0], m)
		}
	}
}

// 5xx is final for that person; the next one is told at once.
func TestSMTPRefusal(t *testing.T) {
	gone := &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
	for name, set := range map[string]func(*server){
		"at RCPT":             func(s *server) { s.rcpt = func(to string, _ int) error { return failing(to[0] == 'a', gone) } },
		"after the final dot": func(s *server) { s.data = func(to string, _ int) error { return failing(to[0] == 'a', gone) } },
	} {
		t.Run(name, func(t *testing.T) {
			srv := newServer(t, true)
			set(srv)
			s := openStage(t, srv.config(t, "a", "b"), Deps{})
			start(t, s)
			a := makeAlert(1, "203.0.113.7", noon)
			take(t, s, a)
			wait(t, "the next person's mail", func() bool { return s.Stats().Sent == 1 })
			srv.mu.Lock()
			defer srv.mu.Unlock()
			last := read(t, srv.mails[len(srv.mails)-1])
			id := "I-" + a.ID[:12]
			if last.to != "b@example.jp" || last.id != id+".2@localhost" || last.reply != "<"+id+".1@localhost>" || !strings.Contains(last.text, "代替通知") {
				t.Errorf("to %s, id %s, reply to %s", last.to, last.id, last.reply)
			}
			if srv.tried["a@example.jp"] != 1 {
				t.Errorf("tries %v", srv.tried)
			}
			inc, _ := s.Get(context.Background(), id)
			if inc.Mail != stateSent || len(inc.Notes) != 2 || !strings.Contains(inc.Notes[0].What, "550") {
				t.Errorf("mail %s, notes %v", inc.Mail, inc.Notes)
			}
		})
	}
}

func TestSMTPEverybodyRefused(t *testing.T) {
	srv := newServer(t, true)
	srv.rcpt = func(string, int) error { return &smtp.SMTPError{Code: 550, Message: "no"} }
	s := openStage(t, srv.config(t, "a", "b"), Deps{})
	start(t, s)
	a := makeAlert(1, "203.0.113.7", noon)
	take(t, s, a)
	wait(t, "two refusals", func() bool { return s.Stats().Failed == 2 })
	if inc, _ := s.Get(context.Background(), "I-"+a.ID[:12]); inc.Mail != stateFailed {
		t.Errorf("mail %s", inc.Mail)
	}
}

// TLS required and not there, or not to be trusted: never in plain.
func TestSMTPNeverFallsBackToPlain(t *testing.T) {
	for name, make := range map[string]func() *server{
		"no STARTTLS": func() *server { return newServer(t, false) },
		"unknown root": func() *server {
			s := newServer(t, true)
			_, s.ca = certificate(t)
			return s
		},
		"handshake broken": func() *server {
			s := newServer(t, true)
			s.port = relay(t, s.port, func(client, server net.Conn) { breakTLS(client, server) })
			return s
		},
	} {
		t.Run(name, func(t *testing.T) {
			srv := make()
			s := openStage(t, srv.config(t, "a", "b"), Deps{})
			start(t, s)
			take(t, s, makeAlert(1, "203.0.113.7", noon))
			wait(t, "three tries", func() bool { return s.Stats().Retries >= 3 })
			if st := s.Stats(); st.Sent+st.Failed != 0 || st.Trouble == "" || srv.count() != 0 || srv.plain {
				t.Errorf("%+v, %d mails, plain %v", st, srv.count(), srv.plain)
			}
		})
	}
}

// breakTLS lets the plain part through and damages what follows STARTTLS.
func breakTLS(client, server net.Conn) {
	go func() { _, _ = io.Copy(client, server) }()
	r := bufio.NewReader(client)
	for broken := false; ; {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		if broken {
			line = strings.Repeat("x", len(line))
		}
		broken = broken || strings.HasPrefix(line, "STARTTLS")
		if _, err := io.WriteString(server, line); err != nil {
			return
		}
	}
}

// relay is a proxy in front of the server: each connection is handed to serve,
// which owns both ends.
func relay(t testing.TB, port int, serve func(client, server net.Conn)) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
			if err != nil {
				_ = client.Close()
				return
			}
			go func() {
				defer client.Close()
				defer server.Close()
				serve(client, server)
			}()
		}
	}()
	return l.Addr().(*net.TCPAddr).Port
}

// The server takes the mail and the connection is cut before its 250: sent
// again, with the same Message-ID.
func TestSMTPCutAfterTheFinalDot(t *testing.T) {
	srv := newServer(t, true)
	var mu sync.Mutex
	var conns []net.Conn
	direct := srv.port
	srv.port = relay(t, direct, func(client, server net.Conn) {
		mu.Lock()
		conns = append(conns, client)
		mu.Unlock()
		go func() { _, _ = io.Copy(server, client) }()
		_, _ = io.Copy(client, server)
	})
	srv.data = func(_ string, try int) error {
		if try < 3 {
			mu.Lock()
			defer mu.Unlock()
			for _, c := range conns {
				_ = c.Close()
			}
		}
		return nil
	}
	s := openStage(t, srv.config(t, "a", "b"), Deps{})
	start(t, s)
	take(t, s, makeAlert(1, "203.0.113.7", noon))
	wait(t, "the mail", func() bool { return s.Stats().Sent == 1 })
	srv.mu.Lock()
	defer srv.mu.Unlock()
	if len(srv.mails) != 3 {
		t.Errorf("%d copies", len(srv.mails))
	}
	sameCopies(t, srv.mails)
}

// One recipient's mails crawl at one byte a second; the other's and the Maildir
// are there at once, and the crawl ends at the time limit.
func TestSMTPSlowServerDelaysNobody(t *testing.T) {
	srv := newServer(t, true)
	release := make(chan struct{})
	t.Cleanup(sync.OnceFunc(func() { close(release) }))
	srv.rcpt = func(to string, _ int) error {
		if to[0] == 'a' {
			<-release
		}
		return nil
	}
	cfg := srv.config(t, "a", "b")
	cfg.OnCall.People[0].Order, cfg.OnCall.People[1].Order = 1, 1
	cfg.SMTP.Timeout, cfg.Maildir = time.Second, filepath.Join(t.TempDir(), "mail")
	s := openStage(t, cfg, Deps{})
	start(t, s)
	began := time.Now()
	for i := range 3 {
		take(t, s, makeAlert(i, fmt.Sprintf("203.0.113.%d", i), noon))
	}
	wait(t, "b's mails", func() bool { return srv.count() >= 3 && mailCount(cfg.Maildir) == 6 })
	if s.Stats().Retries > 0 && time.Since(began) < cfg.SMTP.Timeout {
		t.Error("given up before the time limit")
	}
	wait(t, "the time limit", func() bool { return s.Stats().Retries > 0 })
}

func TestSMTPOneByteASecond(t *testing.T) {
	port := crawl(t)
	srv := &server{port: port}
	cfg := srv.config(t, "a")
	cfg.SMTP.Timeout, cfg.SMTP.TLS = 300*time.Millisecond, TLSNone
	s := openStage(t, cfg, Deps{})
	stop := start(t, s)
	take(t, s, makeAlert(1, "203.0.113.7", noon))
	wait(t, "the time limit, twice", func() bool { return s.Stats().Retries >= 2 })
	stop()
}

// crawl greets so slowly that a limit on each read alone would never end it.
func crawl(t testing.TB) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				for _, b := range []byte("220 " + strings.Repeat("slow ", 1000)) {
					if _, err := c.Write([]byte{b}); err != nil {
						return
					}
					time.Sleep(50 * time.Millisecond)
				}
			}()
		}
	}()
	return l.Addr().(*net.TCPAddr).Port
}

// Killed while the server is away, started again: the mails go out.
func TestSMTPDeadThenRestart(t *testing.T) {
	srv := newServer(t, true)
	cfg := srv.config(t, "a")
	live := cfg.SMTP.Port
	cfg.SMTP.Port = 1 // nobody listens
	s := openStage(t, cfg, Deps{})
	stop := start(t, s)
	take(t, s, makeAlert(1, "203.0.113.7", noon), makeAlert(2, "203.0.113.8", noon))
	wait(t, "a failure", func() bool { return s.Stats().Retries > 1 })
	stop()
	cfg.SMTP.Port = live
	s = openStage(t, cfg, Deps{})
	start(t, s)
	wait(t, "both mails", func() bool { return srv.count() == 2 && s.Stats().Due == 0 })
	list, _ := s.List(context.Background(), event.StatusOpen)
	for _, inc := range list {
		if inc.Mail != stateSent {
			t.Errorf("%s: %s", inc.ID, inc.Mail)
		}
	}
}

func TestSMTPConfigErrors(t *testing.T) {
	_, err := New(Config{SMTP: &SMTP{Port: 70000, TLS: "maybe", User: "x", Timeout: -1}, Language: "fr", ConsoleURL: "javascript:x"}, Deps{}, nil)
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{"data: empty", "language:", "console.url", "alert.oncall: nobody", "alert.smtp.host", "alert.smtp.port", "alert.smtp.tls", "alert.smtp.user, password_file", "alert.smtp.timeout"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in:\n%v", want, err)
		}
	}
}
