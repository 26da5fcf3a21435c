package run

import (
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"
)

// How long a start waits for a port: what a killed engine held is free only when
// the kernel has taken that process down.
const (
	portPatience = 5 * time.Second
	portEvery    = 100 * time.Millisecond
)

// portError is a port that another program holds, in one plain sentence.
type portError struct {
	address string
	error
}

func (e portError) Error() string {
	return fmt.Sprintf("%s is in use by another program (ss -ltnp names it); stop that one, or choose another port", e.address)
}

// Unwrap gives the system's error.
func (e portError) Unwrap() error { return e.error }

// freePort looks whether a TCP address can be listened on, for patience if it is
// taken; "" is no address.
func freePort(address string, patience time.Duration) error {
	if address == "" {
		return nil
	}
	for deadline := time.Now().Add(patience); ; time.Sleep(portEvery) {
		l, err := net.Listen("tcp", address)
		switch {
		case err == nil:
			return l.Close()
		case !errors.Is(err, syscall.EADDRINUSE):
			return fmt.Errorf("%w; choose an address of this machine and a port that this user may take", err)
		case time.Now().After(deadline):
			return portError{address, err}
		}
	}
}

// free is freePort for an address of the configuration.
func (m *Main) free(field, address string) error {
	if err := freePort(address, portPatience); err != nil {
		return m.cfg.Fault(field, err)
	}
	return nil
}
