package syslog

import (
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// unreceived tells that the other host has not confirmed all that was written to it.
func unreceived(conn net.Conn) bool {
	waiting, _ := outgoing(conn)
	return waiting > 0
}

// received waits until the other host has confirmed all that was written to it, and
// returns false when it has not in time, or says that nobody is there to read it: a
// sender that has closed its side only is told from one that is gone.
func received(conn net.Conn, within time.Duration) bool {
	for end := time.Now().Add(within); ; time.Sleep(5 * time.Millisecond) {
		waiting, open := outgoing(conn)
		if !open || waiting == 0 || time.Now().After(end) {
			return open && waiting == 0
		}
	}
}

// outgoing is the number of bytes written and not confirmed (tcp(7), SIOCOUTQ), and
// whether the connection is there.
func outgoing(conn net.Conn) (waiting int, open bool) {
	if t, ok := conn.(interface{ NetConn() net.Conn }); ok {
		conn = t.NetConn()
	}
	if w, ok := conn.(*wire); ok {
		conn = w.Conn
	}
	sc, ok := conn.(syscall.Conn)
	if !ok {
		return 0, false
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return 0, false
	}
	_ = raw.Control(func(fd uintptr) {
		info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO)
		open = err == nil && info.State != unix.BPF_TCP_CLOSE
		if waiting, err = unix.IoctlGetInt(int(fd), unix.SIOCOUTQ); err != nil {
			open = false
		}
	})
	return waiting, open
}
