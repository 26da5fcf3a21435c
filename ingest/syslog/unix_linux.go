package syslog

import (
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

const canUnix = true

// passCredentials asks the kernel to say of each datagram who sent it.
func passCredentials(raw syscall.RawConn) error {
	var err error
	if e := raw.Control(func(fd uintptr) {
		err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_PASSCRED, 1)
	}); e != nil {
		return e
	}
	return err
}

// peerUser is who has opened a connection.
func peerUser(conn *net.UnixConn) (u user, ok bool) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return user{}, false
	}
	var c *unix.Ucred
	if e := raw.Control(func(fd uintptr) {
		c, err = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	}); e != nil || err != nil {
		return user{}, false
	}
	return user{c.Uid, int(c.Pid)}, true
}

// maxProgram bounds what the kernel keeps of a program's name, in bytes.
const maxProgram = 15

// program is the name of a process's program; "": it has ended.
func program(pid int) string {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/comm")
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(string(text), "\n")
}

// fill reads what waits, up to a bundle; now: without waiting for the first. There is
// room for who sent a datagram and for nothing else: files that come with it are
// closed by the kernel.
func (u *unixgram) fill(b *bundle, now bool) error {
	var err error
	oob := make([]byte, unix.CmsgSpace(unix.SizeofUcred))
	line := u.l.cfg.MaxLine
	e := u.raw.Read(func(fd uintptr) bool {
		for !b.full(line) {
			n, oobn, _, _, e := unix.Recvmsg(int(fd), b.slab[b.used:b.used+line], oob, unix.MSG_DONTWAIT|unix.MSG_TRUNC|unix.MSG_CMSG_CLOEXEC)
			if e == unix.EINTR {
				continue
			}
			if e == unix.EAGAIN {
				return now || len(b.notes) > 0
			}
			if err = e; e != nil {
				return true
			}
			if n > 0 {
				b.add(n, line, oob[:oobn])
			}
		}
		return true
	})
	if e != nil {
		return e
	}
	return err
}

// add notes a datagram of n bytes, of which at most line were read.
func (b *bundle) add(n, line int, oob []byte) {
	one := note{off: b.used, size: min(n, line), original: n}
	if messages, err := unix.ParseSocketControlMessage(oob); err == nil {
		for i := range messages {
			if c, err := unix.ParseUnixCredentials(&messages[i]); err == nil {
				one.from, one.known = user{c.Uid, int(c.Pid)}, true
			}
		}
	}
	b.notes = append(b.notes, one)
	b.used += one.size
}
