package syslog

import (
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"testing"
)

// TestTCPWithoutDescriptors takes all file descriptors: accept fails until there
// are some again, and the listener lives.
func TestTCPWithoutDescriptors(t *testing.T) {
	r := start(t, Config{Network: "tcp"}, newMemory())
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &old); err != nil {
		t.Fatal(err)
	}
	low := syscall.Rlimit{Cur: 128, Max: old.Max}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &low); err != nil {
		t.Skip("no limit can be set: ", err)
	}
	restore := func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &old); err != nil {
			t.Error(err)
		}
	}
	defer restore()
	var files []*os.File
	defer func() {
		for _, f := range files {
			f.Close()
		}
	}()
	for {
		f, err := os.Open(os.DevNull)
		if errors.Is(err, syscall.EMFILE) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	last := len(files) - 1
	files[last].Close() // one for the client's end
	files = files[:last]
	conn := r.dial(t)
	write(t, conn, "<13>waiting\n")
	until(t, "accept fails", func() bool { return r.Stats().SocketErrors > 0 })
	restore()
	until(t, "the line", func() bool { return r.sink.count() == 1 })
}

// TestTCPReset ends connections by RST inside a frame.
func TestTCPReset(t *testing.T) {
	r := start(t, Config{Network: "tcp"}, newMemory())
	for range 20 {
		conn := r.dial(t).(*net.TCPConn)
		write(t, conn, "<13>whole\n<13>par")
		if err := errors.Join(conn.SetLinger(0), conn.Close()); err != nil {
			t.Fatal(err)
		}
	}
	until(t, "all are gone", func() bool { s := r.Stats(); return s.Opened == 20 && s.Connections == 0 })
	write(t, r.dial(t), "<13>alive\n")
	until(t, "line", func() bool {
		got := r.sink.got()
		return len(got) > 0 && got[len(got)-1] == "<13>alive"
	})
	r.stop()
	r.balance(t)
}

// TestTCPManyConnections dials far above the bound: those within it are served.
func TestTCPManyConnections(t *testing.T) {
	r := start(t, Config{Network: "tcp", MaxConnections: 50, MaxPerAddress: 1000}, newMemory())
	for i := range 400 {
		fmt.Fprintf(r.dial(t), "<13>line %d\n", i) // fails where it was closed at once
	}
	until(t, "all are decided", func() bool { s := r.Stats(); return s.Opened+s.OverLimit == 400 })
	if s := r.Stats(); s.Connections != 50 || s.OverLimit != 350 {
		t.Errorf("stats: %+v", s)
	}
	until(t, "lines of those within the bound", func() bool { return r.sink.count() == 50 })
	r.stop()
	r.balance(t)
}

// TestSourcesBounded sends from more addresses than the books name.
func TestSourcesBounded(t *testing.T) {
	r := start(t, Config{Network: "udp", Sockets: 1, MaxSources: 3}, newMemory())
	to := r.Addr().(*net.UDPAddr)
	for i := range 10 {
		conn, err := net.DialUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 1, byte(i+1))}, to)
		if err != nil {
			t.Fatal(err)
		}
		for range 5 {
			write(t, conn, "<13>x")
		}
		conn.Close()
	}
	until(t, "lines", func() bool { return r.sink.count() == 50 })
	if s := r.Stats(); s.Sources > 3 {
		t.Errorf("%d sources held", s.Sources)
	}
	r.stop()
	r.balance(t)
	if got := r.sink.books[""].Received; got == 0 {
		t.Errorf("nothing was counted under the peer \"\": %v", r.sink.books)
	}
	if len(r.sink.from) != 10 || r.sink.from["127.0.1.10"] != 5 {
		t.Errorf("the lines' peers: %v", r.sink.from)
	}
}
