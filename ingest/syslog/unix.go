package syslog

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strconv"
	"syscall"
)

// unixPeer begins the name of a sender on a unix socket.
const unixPeer = "unix:"

// user is a process that sends on a unix socket, as the kernel says.
type user struct {
	uid uint32
	pid int // 0: not known
}

// name is what the books call it: by its user, as a process lives shortly.
func (u user) name() string { return unixPeer + "uid=" + strconv.FormatUint(uint64(u.uid), 10) }

// pathError is a unix socket that cannot be listened on.
func pathError(path string, err error) error {
	what := ""
	switch {
	case errors.Is(err, fs.ErrNotExist):
		what = "its folder does not exist: make it, or let the service unit make it (RuntimeDirectory=)"
	case errors.Is(err, fs.ErrPermission):
		what = "this user may not write its folder: give the folder to this user, or choose another"
	case errors.Is(err, syscall.EADDRINUSE):
		what = "another program receives there (ss -xlp names it): stop it, or configure another path"
	case errors.Is(err, syscall.EINVAL), errors.Is(err, syscall.ENAMETOOLONG):
		what = "the path is too long for a unix socket (107 bytes): choose a shorter one"
	default:
		return fmt.Errorf("listen unix %s: %w", path, err)
	}
	return fmt.Errorf("listen unix %s: %s (%w)", path, what, rootCause(err))
}

// errNoSocket is a file where the socket should be.
var errNoSocket = errors.New("a file that is no socket is there: remove it, or configure another path")

// clearPath removes a socket that a process has left behind. It leaves alone one that
// somebody receives on, and what is no socket.
func clearPath(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.Mode().Type() != fs.ModeSocket {
		return errNoSocket
	}
	for _, network := range []string{"unixgram", "unix"} {
		conn, err := net.Dial(network, path)
		switch {
		case err == nil:
			_ = conn.Close()
			return syscall.EADDRINUSE
		case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.EPROTOTYPE):
		case errors.Is(err, syscall.EAGAIN): // its queue of connections is full
			return syscall.EADDRINUSE
		default:
			return err
		}
	}
	return os.Remove(path)
}

// placed is a bound unix socket's file.
type placed struct {
	path string
	info fs.FileInfo
}

// place gives the file of a socket that was just bound its owner and mode.
func place(c *Config) (placed, error) {
	p := placed{path: c.Address}
	if c.Owner.Set {
		if err := os.Lchown(p.path, c.Owner.UID, c.Owner.GID); err != nil {
			return p, fmt.Errorf("owner: %w; only root may give a socket to another user", rootCause(err))
		}
	}
	if err := os.Chmod(p.path, c.Mode.Perm()); err != nil {
		return p, err
	}
	var err error
	p.info, err = os.Lstat(p.path)
	return p, err
}

// remove takes the file away, unless it is another one by now.
func (p placed) remove() {
	if info, err := os.Lstat(p.path); err == nil && p.info != nil && os.SameFile(info, p.info) {
		_ = os.Remove(p.path)
	}
}

// unixListener removes its file when it closes.
type unixListener struct {
	*net.UnixListener
	placed
}

func (l *unixListener) Close() error {
	l.remove()
	return l.UnixListener.Close()
}

// listenStream binds a stream socket.
func listenStream(c *Config) (*unixListener, error) {
	if err := clearPath(c.Address); err != nil {
		return nil, err
	}
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: c.Address, Net: "unix"})
	if err != nil {
		return nil, err
	}
	listener.SetUnlinkOnClose(false)
	p, err := place(c)
	if err != nil {
		return nil, errors.Join(err, listener.Close(), os.Remove(c.Address))
	}
	return &unixListener{listener, p}, nil
}
