package syslog

import (
	"errors"
	"fmt"
	"net"
	"syscall"
)

// bindError says in one line which address, what is wrong, and the mend. It
// wraps err.
func bindError(network, address string, err error) error {
	_, port, _ := net.SplitHostPort(address)
	flag := "t"
	if network == "udp" {
		flag = "u"
	}
	what := ""
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		what = fmt.Sprintf("another program has this port (ss -%slnp 'sport = :%s' names it): stop it, or configure another port", flag, port)
	case errors.Is(err, syscall.EACCES):
		what = "ports below 1024 need CAP_NET_BIND_SERVICE: start it by the service unit, or configure a port from 1024 up"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		what = "this host has no such address (ip address lists them): configure one of them, or 0.0.0.0 for all"
	case errors.Is(err, syscall.EAFNOSUPPORT):
		what = "this host has IPv6 switched off: configure an IPv4 address"
	case errors.As(err, new(*net.DNSError)):
		what = "the name has no address: configure an address of this host"
	default:
		return fmt.Errorf("listen %s %s: %w", network, address, err)
	}
	return fmt.Errorf("listen %s %s: %s (%w)", network, address, what, rootCause(err))
}

// rootCause is the innermost error: the outer ones repeat the address.
func rootCause(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}
