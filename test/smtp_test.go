package test

import (
	"bytes"
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
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-message/mail"
	"github.com/emersion/go-smtp"
)

// mailServer is a real SMTP server in the test's process. It refuses the first
// tries of a message with 451 when told to (greylisting).
type mailServer struct {
	mu       sync.Mutex
	accepted map[string][][]byte // by recipient
	refused  [][]byte
	greylist int
	plain    bool // a message came without TLS
	port     int
}

type mailSession struct {
	server *mailServer
	conn   *smtp.Conn
	to     string
}

func (s *mailSession) Reset()                               {}
func (s *mailSession) Logout() error                        { return nil }
func (s *mailSession) Mail(string, *smtp.MailOptions) error { return nil }
func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	return nil
}

func (s *mailSession) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	m := s.server
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, secure := s.conn.TLSConnectionState(); !secure {
		m.plain = true
	}
	if len(m.refused) < m.greylist {
		m.refused = append(m.refused, raw)
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "greylisted, try again"}
	}
	m.accepted[s.to] = append(m.accepted[s.to], raw)
	return nil
}

// startMailServer listens on loopback; without a certificate it offers no STARTTLS.
func startMailServer(t testing.TB, cert *tls.Certificate) *mailServer {
	t.Helper()
	m := &mailServer{accepted: map[string][][]byte{}}
	s := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &mailSession{server: m, conn: c}, nil }))
	s.Domain = "localhost"
	if cert != nil {
		s.TLSConfig = &tls.Config{Certificates: []tls.Certificate{*cert}}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m.port = l.Addr().(*net.TCPAddr).Port
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	t.Cleanup(func() {
		_ = s.Close()
		if err := <-served; err != nil && !errors.Is(err, smtp.ErrServerClosed) {
			t.Error(err)
		}
	})
	return m
}

func (m *mailServer) to(address string) [][]byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.accepted[address]
}

// testCertificate makes a root and a certificate of 127.0.0.1 that it signed, and
// writes them into dir as ca.pem, cert.pem and key.pem.
func testCertificate(t testing.TB, dir string) tls.Certificate {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	rootKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test root"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	rootDER, err := x509.CreateCertificate(rand.Reader, root, root, &rootKey.PublicKey, rootKey)
	must(err)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "localhost"}, NotBefore: root.NotBefore, NotAfter: root.NotAfter,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost"},
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, root, &key.PublicKey, rootKey)
	must(err)
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	must(err)
	for name, b := range map[string]*pem.Block{
		"ca.pem": {Type: "CERTIFICATE", Bytes: rootDER}, "cert.pem": {Type: "CERTIFICATE", Bytes: der}, "key.pem": {Type: "PRIVATE KEY", Bytes: keyDER},
	} {
		must(os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(b), 0o600))
	}
	pair, err := tls.LoadX509KeyPair(filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"))
	must(err)
	return pair
}

// letter is a mail as a mail program reads it.
type letter struct {
	subject, id, text, html string
}

func readLetter(t testing.TB, raw []byte) (l letter) {
	t.Helper()
	r, err := mail.CreateReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("%v\n%s", err, raw)
	}
	if l.subject, err = r.Header.Subject(); err != nil {
		t.Error(err)
	}
	if l.id, err = r.Header.MessageID(); err != nil || l.id == "" {
		t.Errorf("Message-ID %q: %v", l.id, err)
	}
	for {
		p, err := r.NextPart()
		if err == io.EOF {
			return l
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(p.Body)
		if err != nil {
			t.Fatal(err)
		}
		switch kind, _, _ := p.Header.(*mail.InlineHeader).ContentType(); kind {
		case "text/plain":
			l.text += string(body)
		case "text/html":
			l.html += string(body)
		}
	}
}

func (l letter) want(t testing.TB, subject string, words ...string) {
	t.Helper()
	if !strings.Contains(l.subject, subject) {
		t.Errorf("subject %q; want %q in it", l.subject, subject)
	}
	for _, w := range words {
		if !strings.Contains(l.text, w) {
			t.Errorf("the text part does not say %q:\n%s", w, l.text)
		}
		if !strings.Contains(l.html, htmlText(w)) {
			t.Errorf("the HTML part does not say %q", htmlText(w))
		}
	}
}

func htmlText(s string) string { return strings.ReplaceAll(s, "'", "&#39;") }

// burst sends password guesses from an address, now.
func (e *env) burst(source string, n int) {
	e.Helper()
	now := time.Now().UTC().Format(time.RFC3339Nano)
	var lines []string
	for i, g := range guesses(source, n) {
		lines = append(lines, fmt.Sprintf("<38>1 %s web01 sshd %d - - %s", now, 1000+i, g))
	}
	e.send(lines...)
}

func TestMailWithTLSInTwoLanguages(t *testing.T) {
	dir := t.TempDir()
	cert := testCertificate(t, dir)
	m := startMailServer(t, &cert)
	oncall := filepath.Join(dir, "oncall.yaml")
	writeFile(t, oncall, "people:\n  - {name: 山田 太郎, address: yamada@example.lg.jp, language: ja, order: 1}\n  - {name: Sato, address: sato@example.lg.jp, language: en, order: 1}\n")
	e := start(t, fmt.Sprintf("alert: {from: \"櫓 <yagura@example.lg.jp>\", oncall: %s, smtp: {host: 127.0.0.1, port: %d, tls: required, ca: %s}}", oncall, m.port, filepath.Join(dir, "ca.pem")))
	e.burst("203.0.113.40", 8)
	e.until(60*time.Second, func() bool { return len(m.to("yamada@example.lg.jp")) == 1 && len(m.to("sato@example.lg.jp")) == 1 },
		func() string { return "no mail for both" })
	ja, en := readLetter(t, m.to("yamada@example.lg.jp")[0]), readLetter(t, m.to("sato@example.lg.jp")[0])
	e.want("SELECT count() FROM incidents", "1")
	id := e.sql("SELECT incident_id FROM incidents")
	common := []string{"203.0.113.40", "3-1", "yagura query 'source.ip:203.0.113.40'", "ssh_bruteforce", "yagura incidents ack " + id}
	ja.want(t, "SSH パスワードの総当り: 203.0.113.40 ("+id+")", append(common, "成功したログインがないか確認", "不正アクセス", "web01")...)
	en.want(t, "SSH password guessing: 203.0.113.40 ("+id+")", append(common, "Look for a log-on that succeeded", "web01")...)
	if !strings.HasSuffix(ja.id, "@example.lg.jp") || !strings.HasPrefix(ja.id, id) {
		t.Errorf("Message-ID %q; want the incident's id at the sender's domain", ja.id)
	}
	if m.plain {
		t.Error("a mail went without TLS")
	}
	e.want("SELECT mail FROM incidents", "sent")
}

// TestMailNeverFallsBackToPlain: a relay without STARTTLS gets nothing when TLS is
// required, and everything when the configuration says none.
func TestMailNeverFallsBackToPlain(t *testing.T) {
	m := startMailServer(t, nil)
	for _, c := range []struct {
		policy, state string
		mails         int
	}{{"required", "due", 0}, {"none", "sent", 1}} {
		t.Run(c.policy, func(t *testing.T) {
			e := start(t, fmt.Sprintf("alert: {to: [oncall@example.lg.jp], smtp: {host: 127.0.0.1, port: %d, tls: %s}}", m.port, c.policy))
			e.burst("203.0.113.41", 8)
			if c.policy == "required" {
				e.until(60*time.Second, func() bool { return strings.Contains(e.said(), "STARTTLS") }, func() string { return "no word about the missing STARTTLS" })
			}
			e.want("SELECT mail FROM incidents", c.state)
			if got := len(m.to("oncall@example.lg.jp")); got != c.mails {
				t.Errorf("%d mails; want %d", got, c.mails)
			}
		})
	}
}

func TestMailAfterGreylistingKeepsItsID(t *testing.T) {
	m := startMailServer(t, nil)
	m.greylist = 1
	e := start(t, fmt.Sprintf("alert: {to: [oncall@example.lg.jp], smtp: {host: 127.0.0.1, port: %d, tls: none}}", m.port))
	e.burst("203.0.113.42", 8)
	e.until(60*time.Second, func() bool { return len(m.to("oncall@example.lg.jp")) == 1 }, func() string { return "no mail after the greylisting" })
	first, second := readLetter(t, m.refused[0]), readLetter(t, m.to("oncall@example.lg.jp")[0])
	if first.id != second.id {
		t.Errorf("Message-ID %q, then %q", first.id, second.id)
	}
	e.want("SELECT mail FROM incidents", "sent")
}

// said is what yagura logged so far.
func (e *env) said() string {
	text, err := os.ReadFile(e.log.Name())
	if err != nil {
		e.Fatal(err)
	}
	return string(text)
}

// TestPostfix delivers by STARTTLS through a real Postfix into a Maildir.
func TestPostfix(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("Postfix's master must start as root")
	}
	needPeer(t, "master")
	dir := worldDir(t)
	testCertificate(t, dir)
	relay := startPostfix(t, dir)
	e := start(t, fmt.Sprintf("alert: {to: [oncall@example.lg.jp], from: yagura@example.lg.jp, smtp: {host: 127.0.0.1, port: %d, tls: required, ca: %s}}", relay, filepath.Join(dir, "ca.pem")))
	e.burst("203.0.113.43", 8)
	inbox := filepath.Join(dir, "box", "oncall", "new", "*")
	var files []string
	e.until(60*time.Second, func() bool { files, _ = filepath.Glob(inbox); return len(files) > 0 }, func() string {
		text, _ := os.ReadFile(filepath.Join(dir, "postfix.log"))
		return "nothing in the Maildir; Postfix says:\n" + string(text)
	})
	raw, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	readLetter(t, raw).want(t, "SSH パスワードの総当り: 203.0.113.43", "成功したログインがないか確認", "203.0.113.43")
	if !bytes.Contains(raw, []byte("using TLS")) {
		t.Error("Postfix did not get it by TLS")
	}
	e.want("SELECT mail FROM incidents", "sent")
}

// startPostfix runs Postfix from the unpacked package with configuration, queue and
// Maildir of its own below dir, and returns its port.
func startPostfix(t testing.TB, dir string) int {
	t.Helper()
	p := needPeer(t, "master")
	owner, err := user.Lookup("games") // an account that is nobody's and owns nothing
	if err != nil {
		t.Skip("Postfix wants an account for its queue: ", err)
	}
	uid, _ := strconv.Atoi(owner.Uid)
	port, library := freePort(t), filepath.Join(p.root, "usr/lib/postfix")
	config, queue := filepath.Join(dir, "etc"), filepath.Join(dir, "queue")
	for _, d := range []string{config, queue, filepath.Join(dir, "data"), filepath.Join(dir, "box")} {
		mkdir(t, d, 0o755)
	}
	for _, d := range []string{"active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved", "trace", "maildrop", "public"} {
		mkdir(t, filepath.Join(queue, d), 0o755)
		chown(t, filepath.Join(queue, d), uid)
	}
	mkdir(t, filepath.Join(queue, "pid"), 0o755)
	chown(t, filepath.Join(dir, "data"), uid)
	chown(t, filepath.Join(dir, "box"), uid)
	writeFile(t, filepath.Join(config, "main.cf"), fmt.Sprintf(`compatibility_level = 3.6
queue_directory = %[1]s/queue
data_directory = %[1]s/data
daemon_directory = %[2]s/sbin
command_directory = %[3]s/usr/sbin
shlib_directory = %[2]s
meta_directory = %[1]s/etc
mail_owner = games
setgid_group = mail
import_environment = MAIL_CONFIG TZ LD_LIBRARY_PATH=%[4]s
maillog_file = %[1]s/postfix.log
maillog_file_prefixes = %[5]s
myhostname = mail.example.lg.jp
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
alias_database =
local_recipient_maps =
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_tls_security_level = encrypt
smtpd_tls_cert_file = %[1]s/cert.pem
smtpd_tls_key_file = %[1]s/key.pem
smtpd_tls_received_header = yes
virtual_transport = virtual
virtual_mailbox_domains = example.lg.jp
virtual_mailbox_base = %[1]s/box
virtual_mailbox_maps = static:oncall/
virtual_minimum_uid = 1
virtual_uid_maps = static:%[6]d
virtual_gid_maps = static:%[6]d
`, dir, library, p.root, p.libraries(), filepath.Dir(dir), uid))
	writeFile(t, filepath.Join(config, "master.cf"), fmt.Sprintf(`127.0.0.1:%d inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
`, port))
	p.daemon(t, "-c", config, "-d")
	deadline := time.Now().Add(30 * time.Second)
	for {
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			_ = conn.Close()
			return port
		}
		if time.Now().After(deadline) {
			text, _ := os.ReadFile(filepath.Join(dir, "postfix.log"))
			t.Fatalf("Postfix does not listen: %v\n%s", err, text)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// worldDir is a temporary folder that other accounts may enter.
func worldDir(t testing.TB) string {
	t.Helper()
	dir := shortDir(t)
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func mkdir(t testing.TB, path string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(path, mode); err != nil {
		t.Fatal(err)
	}
}

func chown(t testing.TB, path string, uid int) {
	t.Helper()
	if err := os.Chown(path, uid, -1); err != nil {
		t.Fatal(err)
	}
}

func writeFile(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
