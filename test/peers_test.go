package test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// peersRoot is where test/peers.sh unpacks Debian's programs.
const peersRoot = "../var/peers/root"

// peer is a real program that talks to yagura.
type peer struct {
	path string
	root string   // of the unpacked packages; "" when it is the host's own
	env  []string // finds the unpacked libraries; the zone is yagura's default
}

// needPeer finds a program: unpacked by `make peers`, else the host's own.
func needPeer(t testing.TB, name string) peer {
	t.Helper()
	root, err := filepath.Abs(peersRoot)
	if err != nil {
		t.Fatal(err)
	}
	p := peer{root: root, env: append(os.Environ(), "TZ=Asia/Tokyo", "LC_ALL=C")}
	for _, dir := range []string{"usr/sbin", "usr/bin", "usr/lib/postfix/sbin"} {
		p.path = filepath.Join(root, dir, name)
		if info, err := os.Stat(p.path); err == nil && info.Mode().IsRegular() {
			p.env = append(p.env, "LD_LIBRARY_PATH="+p.libraries())
			return p
		}
	}
	if p.path, err = exec.LookPath(name); err != nil {
		t.Skipf("%s is not here: `make peers` unpacks it where apt-get works", name)
	}
	p.root = ""
	return p
}

// libraries is the search path for the libraries of the unpacked packages.
func (p peer) libraries() string {
	var dirs []string
	for _, pattern := range []string{"usr/lib/*-linux-gnu*", "lib/*-linux-gnu*", "usr/lib/syslog-ng", "usr/lib/postfix"} {
		found, _ := filepath.Glob(filepath.Join(p.root, pattern))
		dirs = append(dirs, found...)
	}
	return strings.Join(dirs, ":")
}

// modules finds a folder of plug-ins in the unpacked packages; "" leaves the choice
// to the program.
func (p peer) modules(pattern string) string {
	if p.root == "" {
		return ""
	}
	found, _ := filepath.Glob(filepath.Join(p.root, pattern))
	if len(found) == 0 {
		return ""
	}
	return found[0]
}

// run runs the program to its end.
func (p peer) run(t testing.TB, stdin string, args ...string) string {
	t.Helper()
	cmd := exec.Command(p.path, args...)
	cmd.Env, cmd.Stdin = p.env, strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", filepath.Base(p.path), strings.Join(args, " "), err, out)
	}
	return string(out)
}

// daemon is a peer that keeps running.
type daemon struct {
	t    testing.TB
	cmd  *exec.Cmd
	out  *safeBuffer
	gone chan error
}

// daemon starts the program; it ends with the test.
func (p peer) daemon(t testing.TB, args ...string) *daemon {
	t.Helper()
	d := &daemon{t: t, cmd: exec.Command(p.path, args...), out: &safeBuffer{}, gone: make(chan error, 1)}
	d.cmd.Env, d.cmd.Stdout, d.cmd.Stderr = p.env, d.out, d.out
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { d.gone <- d.cmd.Wait() }()
	t.Cleanup(func() {
		d.stop()
		if t.Failed() {
			t.Logf("%s said:\n%s", filepath.Base(p.path), tail([]byte(d.out.String()), 3000))
		}
	})
	return d
}

// stop asks the program to end, and makes it when it does not.
func (d *daemon) stop() {
	if d.gone == nil {
		return
	}
	_ = d.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-d.gone:
	case <-time.After(15 * time.Second):
		_ = d.cmd.Process.Kill()
		<-d.gone
	}
	d.gone = nil
}

// wantSocket waits until the program listens on a unix socket.
func (d *daemon) wantSocket(path string) {
	d.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		if conn, err := net.Dial("unixgram", path); err == nil {
			_ = conn.Close()
			return
		}
		select {
		case err := <-d.gone:
			d.gone <- err
			d.t.Fatalf("the program ended: %v\n%s", err, d.out.String())
		default:
		}
		if time.Now().After(deadline) {
			d.t.Fatalf("no socket %s\n%s", path, d.out.String())
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// safeBuffer may be written and read at the same time; it keeps the last words.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.b.Len() > 1<<20 {
		b.b.Reset()
	}
	return b.b.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// startRsyslog runs rsyslog 8 with a socket to log to and the given action. Its
// queue and state files lie in dir, so that a second start goes on with them.
func startRsyslog(t testing.TB, dir, action string) (d *daemon, socket string) {
	t.Helper()
	p := needPeer(t, "rsyslogd")
	socket = filepath.Join(dir, "log")
	config := fmt.Sprintf(`module(load="imuxsock" SysSock.Use="off")
global(workDirectory=%q maxMessageSize="64k" localHostname="web01")
input(type="imuxsock" Socket=%q CreatePath="off" UsePIDFromSystem="off" RateLimit.Interval="0")
%s
`, dir, socket, action)
	file := filepath.Join(dir, "rsyslog.conf")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"-n", "-f", file, "-i", filepath.Join(dir, "pid")}
	if m := p.modules("usr/lib/*/rsyslog"); m != "" {
		args = append(args, "-M", m)
	}
	d = p.daemon(t, args...)
	d.wantSocket(socket)
	return d, socket
}

// startSyslogNG runs syslog-ng 3 with a socket to log to and one destination.
func startSyslogNG(t testing.TB, destination string) (d *daemon, socket string) {
	t.Helper()
	p, dir := needPeer(t, "syslog-ng"), shortDir(t)
	socket = filepath.Join(dir, "log")
	config := fmt.Sprintf(`@version: 3.38
options { keep-hostname(yes); stats-freq(0); };
source local { unix-dgram(%q); };
destination yagura { %s };
log { source(local); destination(yagura); };
`, socket, destination)
	file := filepath.Join(dir, "syslog-ng.conf")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"-F", "-e", "--no-caps", "--cfgfile=" + file}
	for _, f := range []string{"persist-file", "pidfile", "control"} {
		args = append(args, "--"+f+"="+filepath.Join(dir, f))
	}
	if m := p.modules("usr/lib/syslog-ng/3.*"); m != "" {
		args = append(args, "--module-path="+m)
	}
	d = p.daemon(t, args...)
	d.wantSocket(socket)
	return d, socket
}

// shortDir is a temporary folder whose name is short enough for unix sockets.
func shortDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "yagura")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// tap stands between a peer and yagura and keeps the bytes that pass: what was
// sent is compared with what is stored.
type tap struct {
	port     string
	listener net.Listener
	mu       sync.Mutex
	conns    []net.Conn
	sent     []*stream // TCP: of each connection; the sender may have several at a time
	each     [][]byte  // UDP: the datagrams
}

func (e *env) tap(network string) *tap {
	e.Helper()
	if network == "udp" {
		return e.tapUDP()
	}
	tp := &tap{port: "0"}
	tp.open(e)
	e.Cleanup(tp.close)
	return tp
}

// open listens, on the same port as before.
func (tp *tap) open(e *env) {
	e.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:"+tp.port)
	if err != nil {
		e.Fatal(err)
	}
	tp.listener, tp.conns = l, nil
	_, tp.port, _ = net.SplitHostPort(l.Addr().String())
	to := e.ready["tcp"]
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			tp.mu.Lock()
			tp.conns = append(tp.conns, in)
			tp.mu.Unlock()
			go tp.relay(in, to)
		}
	}()
}

// close refuses new connections and ends those there are.
func (tp *tap) close() {
	_ = tp.listener.Close()
	tp.mu.Lock()
	defer tp.mu.Unlock()
	for _, c := range tp.conns {
		_ = c.Close()
	}
}

func (tp *tap) relay(in net.Conn, to string) {
	defer in.Close()
	out, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer out.Close()
	one := &stream{tap: tp}
	tp.mu.Lock()
	tp.sent = append(tp.sent, one)
	tp.mu.Unlock()
	_, _ = io.Copy(io.MultiWriter(one, out), in)
}

// String is what was sent so far, one connection after the other.
func (tp *tap) String() string {
	tp.mu.Lock()
	defer tp.mu.Unlock()
	return tp.text()
}

// text is String for who holds the lock.
func (tp *tap) text() string {
	var all strings.Builder
	for _, one := range tp.sent {
		all.Write(one.text)
		all.WriteByte('\n')
	}
	return all.String()
}

// stream is what one connection sent.
type stream struct {
	tap  *tap
	text []byte
}

// Write keeps a part of the stream.
func (s *stream) Write(p []byte) (int, error) {
	s.tap.mu.Lock()
	defer s.tap.mu.Unlock()
	s.text = append(s.text, p...)
	return len(p), nil
}

func (e *env) tapUDP() *tap {
	e.Helper()
	tp := &tap{}
	in, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		e.Fatal(err)
	}
	out, err := net.Dial("udp", e.ready["udp"])
	if err != nil {
		e.Fatal(err)
	}
	e.Cleanup(func() { _ = in.Close(); _ = out.Close() })
	_, tp.port, _ = net.SplitHostPort(in.LocalAddr().String())
	go func() {
		buf := make([]byte, 64<<10)
		for {
			n, _, err := in.ReadFrom(buf)
			if err != nil {
				return
			}
			tp.mu.Lock()
			tp.each = append(tp.each, bytes.Clone(buf[:n]))
			tp.mu.Unlock()
			_, _ = out.Write(buf[:n])
		}
	}()
	return tp
}

// wantRaw compares the stored raw bytes of the rows that match where, in the order
// of their arrival, with what passed the tap in the framing.
func (e *env) wantRaw(tp *tap, framing, where string) {
	e.Helper()
	var stored [][]byte
	for _, text := range strings.Fields(e.sql("SELECT hex(raw) FROM events WHERE " + where + " ORDER BY epoch, block_seq, idx")) {
		raw, err := hex.DecodeString(text)
		if err != nil {
			e.Fatal(err)
		}
		stored = append(stored, raw)
	}
	tp.mu.Lock()
	defer tp.mu.Unlock()
	if framing == "datagram" {
		for i := range max(len(tp.each), len(stored)) {
			if i >= len(stored) || i >= len(tp.each) || !bytes.Equal(tp.each[i], stored[i]) {
				e.Errorf("datagram %d\n  sent %q\nstored %q", i, at(tp.each, i), at(stored, i))
			}
		}
		return
	}
	var stream []byte
	for _, raw := range stored {
		if framing == "octet" {
			stream = fmt.Appendf(stream, "%d ", len(raw))
		}
		stream = append(stream, raw...)
		if framing == "newline" {
			stream = append(stream, '\n')
		}
	}
	if sent := strings.TrimSuffix(tp.text(), "\n"); string(stream) != sent {
		e.Errorf("the stored lines are not the sent bytes\n  sent %q\nstored %q", sent, stream)
	}
}

func at(list [][]byte, i int) []byte {
	if i < len(list) {
		return list[i]
	}
	return nil
}
