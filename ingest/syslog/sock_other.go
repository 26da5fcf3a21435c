//go:build !linux

package syslog

import (
	"net"
	"syscall"
)

// On other systems one socket is used, the kernel's default buffer stays and
// its drops are not known.

const canSharePort = false

func sharePort(_, _ string, _ syscall.RawConn) error { return nil }

func setReceiveBuffer(syscall.RawConn, int) (got int) { return 0 }

func kernelDrops(syscall.RawConn) (drops uint32, ok bool) { return 0, false }

func kernelHolds(syscall.RawConn) bool { return false }

// readNow reads what has arrived, as well as the clock can tell.
func readNow(conn net.Conn, p []byte) (int, error) { return readSoon(conn, p) }
