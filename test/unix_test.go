package test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// startUnix runs yagura with sockets in a folder: log takes datagrams, stream takes
// connections, syslog is where systemd-journald forwards to.
func startUnix(t *testing.T) (e *env, dir string) {
	t.Helper()
	e, dir = start(t), shortDir(t)
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	e.stop()
	e.edit("listen: {syslog: [", fmt.Sprintf("listen: {syslog: [{unix: %s/log}, {unix: %[1]s/stream, stream: true, mode: 0660}, {unix: %[1]s/syslog}, ", dir))
	e.up()
	return e, dir
}

// wantUnix waits until the numbered lines 1 to n of a tag are stored, once each, and
// known by user.
func (e *env) wantUnix(tag string, n int, user string) {
	e.Helper()
	e.want(fmt.Sprintf(`SELECT uniqExact(extract(raw, 'numbered (\\d+)')), count(), uniqExact(peer), any(peer) FROM events WHERE raw LIKE '%% %s%%numbered %%'`, tag),
		fmt.Sprintf("%d\t%[1]d\t1\tunix:uid=%s", n, user))
}

func numberedLines(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "numbered %d\n", i+1)
	}
	return b.String()
}

// forOthers tells whether other users reach a file.
func forOthers(path string) bool {
	for dir := path; ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err != nil || info.Mode().Perm()&1 == 0 {
			return false
		}
		if dir == filepath.Dir(dir) {
			return true
		}
	}
}

// TestUnixUnderLogger: util-linux's logger, over datagrams and over a connection, as
// root and as another user; through a stop it finds the new socket.
func TestUnixUnderLogger(t *testing.T) {
	p := needPeer(t, "logger")
	e, dir := startUnix(t)
	me := fmt.Sprint(os.Getuid())
	for _, c := range []struct{ tag, socket, format string }{{"gram", "log", ""}, {"conn", "stream", ""}, {"gram5424", "log", "--rfc5424"}, {"conn5424", "stream", "--rfc5424"}} {
		args := []string{"-u", filepath.Join(dir, c.socket), "-t", c.tag, "-p", "auth.notice"}
		if c.format != "" {
			args = append(args, c.format)
		}
		p.run(t, numberedLines(2000), append(args, "--id")...)
		e.wantUnix(c.tag, 2000, me)
	}
	e.want("SELECT countIf(fields['process.pid'] = '') FROM events WHERE raw LIKE '%numbered %'", "0")
	tagged := exec.Command(p.path, "-u", filepath.Join(dir, "log"), "-t", "logger", "numbered 1") // names no process: the kernel does
	tagged.Env = p.env
	if err := tagged.Run(); err != nil {
		t.Fatal(err)
	}
	e.wantUnix("logger", 1, me)
	if os.Getuid() == 0 && forOthers(p.path) {
		cmd := exec.Command(p.path, "-u", filepath.Join(dir, "log"), "-t", "nobody", "numbered 1")
		cmd.Env, cmd.SysProcAttr = p.env, &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		e.wantUnix("nobody", 1, "65534")
		cmd = exec.Command(p.path, "-u", filepath.Join(dir, "stream"), "-t", "barred", "numbered 1") // mode 0660
		cmd.Env, cmd.SysProcAttr = p.env, &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		_ = cmd.Run() // it may or may not say that it failed
	}
	e.stop()
	for _, name := range []string{"log", "stream", "syslog"} {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			t.Errorf("%s is left behind", name)
		}
	}
	e.up()
	e.kill() // leaves its sockets behind
	e.up()
	p.run(t, "", "-u", filepath.Join(dir, "log"), "-t", "again", "numbered 1")
	e.wantUnix("again", 1, me)
	e.want("SELECT count() FROM events WHERE raw LIKE '% barred%'", "0")
	e.stop()
}

// TestUnixUnderRsyslog: rsyslog's omuxsock.
func TestUnixUnderRsyslog(t *testing.T) {
	e, dir := startUnix(t)
	app := filepath.Join(shortDir(t), "app.log")
	appendFile(t, app, numberedLines(2000))
	startRsyslog(t, shortDir(t), fmt.Sprintf(`module(load="imfile")
module(load="omuxsock")
$OMUxSockSocket %s
input(type="imfile" File=%q Tag="omuxsock:" Facility="local0")
if $programname == "omuxsock" then :omuxsock:`, filepath.Join(dir, "log"), app))
	e.wantUnix("omuxsock", 2000, fmt.Sprint(os.Getuid()))
	e.stop()
}

// TestUnixUnderJournald: a real systemd-journald, in a namespace of its own, forwards
// to syslog what it is sent, with who sent it.
func TestUnixUnderJournald(t *testing.T) {
	daemon, journal := startJournald(t)
	e, dir := startUnix(t)
	e.stop()
	e.edit(dir+"/syslog", journal+"/syslog")
	e.up()
	p := needPeer(t, "logger")
	for i := range 50 { // one at a time: journald does not wait for us
		p.run(t, "", "-u", filepath.Join(journal, "dev-log"), "-t", "journald", fmt.Sprintf("numbered %d", i+1))
	}
	e.wantUnix("journald", 50, fmt.Sprint(os.Getuid()))
	e.want("SELECT countIf(fields['process.pid'] != '') FROM events WHERE raw LIKE '% journald: numbered %'", "0") // of a program that is not the one the line names
	e.stop()
	daemon.stop()
}

// startJournald runs systemd-journald; its sockets lie in the folder.
func startJournald(t *testing.T) (d *daemon, folder string) {
	t.Helper()
	const program = "/lib/systemd/systemd-journald"
	if _, err := os.Stat(program); err != nil || os.Getuid() != 0 {
		t.Skip("no systemd-journald here, or not root")
	}
	dir := shortDir(t)
	folder = filepath.Join(dir, "journal")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "journald.conf")
	if err := os.WriteFile(config, []byte("[Journal]\nStorage=volatile\nForwardToSyslog=yes\nRateLimitIntervalSec=0\nReadKMsg=no\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	script := fmt.Sprintf(`mount --make-rprivate / && mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/journal /run/log/journal &&
mount --bind %s /run/systemd/journal && mkdir -p /etc/systemd && touch /etc/systemd/journald.conf && mount --bind %s /etc/systemd/journald.conf && exec %s`, folder, config, program)
	unshare, err := exec.LookPath("unshare")
	if err != nil {
		t.Skip("no unshare here")
	}
	if out, err := exec.Command(unshare, "-m", "mount", "--make-rprivate", "/").CombinedOutput(); err != nil {
		t.Skipf("no mount namespaces here: %v %s", err, out)
	}
	d = peer{path: unshare, env: os.Environ()}.daemon(t, "-m", "sh", "-c", script)
	d.wantSocket(filepath.Join(folder, "dev-log"))
	return d, folder
}
