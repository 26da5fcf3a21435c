package syslog

import (
	"io"
	"net"
	"os"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// sharePort lets several sockets bind one port; the kernel spreads senders over
// them by address and port, so a sender stays with one socket.
func sharePort(_, _ string, c syscall.RawConn) error {
	var err error
	if e := c.Control(func(fd uintptr) {
		err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
	}); e != nil {
		return e
	}
	return err
}

const canSharePort = true

// setReceiveBuffer asks for a kernel buffer of n bytes, beyond
// net.core.rmem_max where the process may, and returns what it got. The kernel
// doubles the figure for its own needs; this is taken off again.
func setReceiveBuffer(c syscall.RawConn, n int) (got int) {
	_ = c.Control(func(fd uintptr) {
		if unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, n) != nil {
			_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, n)
		}
		got, _ = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF)
	})
	return got / 2
}

// SK_MEMINFO_RMEM_ALLOC and SK_MEMINFO_DROPS of linux/sock_diag.h.
const (
	memInfoWaiting = 0
	memInfoDrops   = 8
)

// kernelDrops is the number of datagrams that the kernel has dropped at this
// socket, modulo 2^32: the drops column of /proc/net/udp, read from the socket
// itself (SO_MEMINFO, Linux 4.12).
func kernelDrops(c syscall.RawConn) (drops uint32, ok bool) {
	info, ok := memInfo(c)
	return info[memInfoDrops], ok
}

// kernelHolds tells that datagrams wait at this socket.
func kernelHolds(c syscall.RawConn) bool {
	info, ok := memInfo(c)
	return ok && info[memInfoWaiting] > 0
}

func memInfo(c syscall.RawConn) (info [memInfoDrops + 1]uint32, ok bool) {
	_ = c.Control(func(fd uintptr) {
		size := uint32(unsafe.Sizeof(info))
		_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, fd, unix.SOL_SOCKET, unix.SO_MEMINFO,
			uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&size)), 0)
		ok = errno == 0 && size == uint32(unsafe.Sizeof(info))
	})
	return info, ok
}

// readNow reads what the kernel holds, without waiting: the clock plays no part, so
// that on a busy machine nothing is missed. With nothing there the error is
// os.ErrDeadlineExceeded.
func readNow(conn net.Conn, p []byte) (n int, err error) {
	sc, ok := conn.(syscall.Conn)
	if !ok {
		return readSoon(conn, p)
	}
	_ = conn.SetReadDeadline(time.Time{}) // one that has passed would forbid it
	raw, err := sc.SyscallConn()
	if err != nil {
		return 0, err
	}
	if e := raw.Read(func(fd uintptr) bool {
		n, err = unix.Read(int(fd), p)
		for err == unix.EINTR {
			n, err = unix.Read(int(fd), p)
		}
		return true
	}); e != nil {
		return 0, e
	}
	switch {
	case err == unix.EAGAIN:
		return 0, os.ErrDeadlineExceeded
	case err != nil:
		return 0, err
	case n == 0 && len(p) > 0:
		return 0, io.EOF
	}
	return n, nil
}
