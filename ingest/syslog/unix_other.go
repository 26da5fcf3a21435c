//go:build !linux

package syslog

import (
	"errors"
	"net"
	"syscall"
)

// On other systems there is no listener on a unix socket: who sends is not told there.

const canUnix = false

var errNoUnix = errors.New("unix sockets are listened on under Linux only")

func passCredentials(syscall.RawConn) error { return errNoUnix }

func peerUser(*net.UnixConn) (user, bool) { return user{}, false }

func (u *unixgram) fill(*bundle, bool) error { return errNoUnix }

const maxProgram = 0

func program(int) string { return "" }
