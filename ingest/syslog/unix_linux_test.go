package syslog

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"yagura/internal/event"
)

func startUnix(t *testing.T, cfg Config, sink *memory) *running {
	t.Helper()
	cfg.Network, cfg.Address = "unix", socketPath(t)
	return start(t, cfg, sink)
}

func me() string { return fmt.Sprintf("unix:uid=%d", os.Getuid()) }

// TestUnixDatagrams: a datagram is a line, whatever it holds; who sent it is what the
// kernel says, and the process where the line names none and is of its program.
func TestUnixDatagrams(t *testing.T) {
	sink := &witness{memory: newMemory()}
	r := startOn(t, Config{Network: "unix", Address: socketPath(t), MaxLine: 100}, sink, sink.memory)
	conn := r.dial(t)
	long := "<13>" + strings.Repeat("y", 300)
	for _, text := range []string{"<13>one", "<13>two\n", "<13>three\x00", "", "\n", "<13>a\nb", long, "<13>pid=77", "<13>name=" + program(os.Getpid()), "<13>name=other"} {
		write(t, conn, text)
	}
	want := []string{"<13>one", "<13>two", "<13>three", "<13>a\nb", long[:100], "<13>pid=77", "<13>name=" + program(os.Getpid()), "<13>name=other"}
	until(t, "lines", func() bool { return r.sink.count() == len(want) })
	r.stop()
	if d := cmp.Diff(want, r.sink.got()); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"", "", "", "", "", "77", fmt.Sprint(os.Getpid()), ""}, sink.pids); d != "" {
		t.Error(d)
	}
	if r.sink.flags[long[:100]]&event.FlagTruncated == 0 || r.sink.from[me()] != len(want) {
		t.Errorf("flags %v, from %v", r.sink.flags, r.sink.from)
	}
	r.balance(t)
	if _, err := os.Lstat(r.Addr().String()); err == nil {
		t.Error("the socket's file is still there")
	}
}

// witness keeps the process of each line.
type witness struct {
	*memory
	pids []string
}

func (w *witness) Append(ctx context.Context, d *event.Draft) error {
	pid, _ := d.Get(event.ProcessPID)
	w.mu.Lock()
	w.pids = append(w.pids, string(pid))
	w.mu.Unlock()
	return w.memory.Append(ctx, d)
}

// TestUnixStream: the framings of TCP, and NUL as glibc's syslog ends a line.
func TestUnixStream(t *testing.T) {
	r := startUnix(t, Config{Stream: true}, newMemory())
	conn := r.dial(t)
	write(t, conn, "<13>one\n7 <13>two<13>three\x00<13>four\x00")
	conn.Close()
	until(t, "lines", func() bool { return r.sink.count() == 4 })
	r.stop()
	if d := cmp.Diff([]string{"<13>one", "<13>two", "<13>three", "<13>four"}, r.sink.got()); d != "" {
		t.Error(d)
	}
	if r.sink.from[me()] != 4 || r.Stats().Opened != 1 {
		t.Errorf("from %v", r.sink.from)
	}
	r.balance(t)
}

// TestUnixLosesNothing: a sender that may wait is held back while the sink has no room,
// and what the kernel holds at a stop is read.
func TestUnixLosesNothing(t *testing.T) {
	for name, stream := range map[string]bool{"datagrams": false, "stream": true} {
		t.Run(name, func(t *testing.T) {
			sink := newMemory()
			sink.gate = make(chan struct{})
			r := startUnix(t, Config{Stream: stream, Drain: 10 * time.Second}, sink)
			conn := r.dial(t)
			_ = conn.SetWriteDeadline(time.Now().Add(300 * time.Millisecond))
			n := 0
			for ; ; n++ { // until our memory and the kernel's are full
				if _, err := fmt.Fprintf(conn, "<13>line %d %s\n", n, strings.Repeat("z", 1000)); err != nil {
					break
				}
			}
			if held := bundles * bundleLines; n > 2*held {
				t.Errorf("%d lines were taken without room: want at most about %d", n, held)
			}
			_ = conn.Close()
			until(t, "the connection is there", func() bool { return !stream || r.Stats().Opened == 1 })
			stopped := make(chan struct{})
			go func() { r.stop(); close(stopped) }()
			close(sink.gate)
			<-stopped
			got := r.sink.got()
			for i := range n {
				if i >= len(got) || !strings.HasPrefix(got[i], fmt.Sprintf("<13>line %d z", i)) {
					t.Fatalf("line %d of %d is missing", i, n)
				}
			}
			r.balance(t)
		})
	}
}

// TestUnixUsers: who is not in allow_users is refused and booked as denied.
func TestUnixUsers(t *testing.T) {
	other := uint32(os.Getuid() + 1)
	for name, stream := range map[string]bool{"datagrams": false, "stream": true} {
		t.Run(name, func(t *testing.T) {
			r := startUnix(t, Config{Stream: stream, AllowUIDs: []uint32{other}}, newMemory())
			_, _ = r.dial(t).Write([]byte("<13>no\n"))
			until(t, "it is refused", func() bool { return r.Stats().NotAllowed == 1 })
			r.stop()
			if sum := r.balance(t); sum.Refused[event.Denied] != 1 || r.sink.books[me()].Refused[event.Denied] != 1 {
				t.Errorf("books %+v", r.sink.books)
			}
			r = startUnix(t, Config{Stream: stream, AllowUIDs: []uint32{other, uint32(os.Getuid())}}, newMemory())
			write(t, r.dial(t), "<13>yes\n")
			until(t, "it is taken", func() bool { return r.sink.count() == 1 })
		})
	}
}

// TestUnixConnectionsOfAUser: the cap of an address is that of a user.
func TestUnixConnectionsOfAUser(t *testing.T) {
	r := startUnix(t, Config{Stream: true, MaxPerAddress: 2, IdleTimeout: time.Minute}, newMemory())
	for range 3 {
		r.dial(t)
	}
	until(t, "one is closed", func() bool { return r.Stats().OverAddress == 1 && r.Stats().Connections == 2 })
}

// TestUnixFilesAreNotTaken: descriptors that come with a datagram are closed.
func TestUnixFilesAreNotTaken(t *testing.T) {
	open := func() int {
		files, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(files)
	}
	r := startUnix(t, Config{}, newMemory())
	conn := r.dial(t).(*net.UnixConn)
	write(t, conn, "<13>first")
	until(t, "line", func() bool { return r.sink.count() == 1 })
	raw, err := conn.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	before := open()
	for i := range 20 {
		var err error
		if e := raw.Control(func(fd uintptr) {
			err = unix.Sendmsg(int(fd), []byte("<13>with files"), unix.UnixRights(0, 1, 2), nil, 0)
		}); e != nil || err != nil {
			t.Fatal(e, err)
		}
		until(t, "line", func() bool { return r.sink.count() == i+2 })
	}
	if n := open(); n > before {
		t.Errorf("%d more files are open", n-before)
	}
}

// TestUnixPath: a socket that was left behind is replaced; one that is in use, and what
// is no socket, is left alone.
func TestUnixPath(t *testing.T) {
	left := func(network string) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			kind := syscall.SOCK_DGRAM
			if network == "unix" {
				kind = syscall.SOCK_STREAM
			}
			fd, err := syscall.Socket(syscall.AF_UNIX, kind, 0)
			if err != nil {
				t.Fatal(err)
			}
			if err := syscall.Bind(fd, &syscall.SockaddrUnix{Name: path}); err != nil {
				t.Fatal(err)
			}
			syscall.Close(fd)
		}
	}
	for name, c := range map[string]struct {
		before func(t *testing.T, path string)
		want   string // in the error; "": it listens
	}{
		"nothing":           {func(*testing.T, string) {}, ""},
		"datagrams, left":   {left("unixgram"), ""},
		"stream, left":      {left("unix"), ""},
		"a file":            {func(t *testing.T, p string) { writeFile(t, p, "kept") }, "a file that is no socket is there"},
		"a folder":          {func(t *testing.T, p string) { mkdir(t, p) }, "a file that is no socket is there"},
		"a link to a file":  {func(t *testing.T, p string) { writeFile(t, p+"2", "kept"); symlink(t, p+"2", p) }, "a file that is no socket is there"},
		"datagrams, in use": {func(t *testing.T, p string) { listenOn(t, Config{Address: p}) }, "another program receives there (ss -xlp names it)"},
		"stream, in use":    {func(t *testing.T, p string) { listenOn(t, Config{Address: p, Stream: true}) }, "another program receives there (ss -xlp names it)"},
		"no folder":         {func(t *testing.T, p string) { os.RemoveAll(filepath.Dir(p)) }, "its folder does not exist"},
	} {
		for kind, stream := range map[string]bool{"datagrams": false, "stream": true} {
			t.Run(name+" for "+kind, func(t *testing.T) {
				path := socketPath(t)
				c.before(t, path)
				info, _ := os.Lstat(path)
				l, err := New(Config{Network: "unix", Address: path, Stream: stream, Mode: 0o640}, newMemory(), func() Handler { return handler{} }, slog.New(slog.DiscardHandler))
				if err != nil {
					t.Fatal(err)
				}
				err = l.Listen()
				if c.want == "" {
					if err != nil {
						t.Fatal(err)
					}
					if now, err := os.Lstat(path); err != nil || now.Mode() != os.ModeSocket|0o640 {
						t.Errorf("%v %v", now.Mode(), err)
					}
					runOn(t, l)
					return
				}
				if err == nil || !strings.HasPrefix(err.Error(), "listen unix "+path+": ") || !strings.Contains(err.Error(), c.want) {
					t.Errorf("%v; want %q", err, c.want)
				}
				if now, _ := os.Lstat(path); info != nil && !os.SameFile(info, now) {
					t.Error("what was there is gone")
				}
			})
		}
	}
}

// TestUnixPathOfAnotherIsKept: a stop takes away our own file only.
func TestUnixPathOfAnotherIsKept(t *testing.T) {
	for name, stream := range map[string]bool{"datagrams": false, "stream": true} {
		t.Run(name, func(t *testing.T) {
			r := startUnix(t, Config{Stream: stream}, newMemory())
			path := r.Addr().String()
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			writeFile(t, path, "another's")
			r.stop()
			if _, err := os.Lstat(path); err != nil {
				t.Error(err)
			}
		})
	}
}

// runOn runs a listener that listens to its end.
func runOn(t *testing.T, l *Listener) {
	t.Helper()
	var done sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	done.Go(func() {
		if err := l.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { cancel(); done.Wait() })
}

func listenOn(t *testing.T, c Config) {
	t.Helper()
	c.Network = "unix"
	l, err := New(c, newMemory(), func() Handler { return handler{} }, slog.New(slog.DiscardHandler))
	if err == nil {
		err = l.Listen()
	}
	if err != nil {
		t.Fatal(err)
	}
	runOn(t, l)
}

func mkdir(t *testing.T, path string) {
	t.Helper()
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
}

func symlink(t *testing.T, to, path string) {
	t.Helper()
	if err := os.Symlink(to, path); err != nil {
		t.Fatal(err)
	}
}
