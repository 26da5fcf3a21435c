package syslog

import (
	"errors"
	"os"
)

// garbage counts and tells why a connection that does not speak RELP is closed.
func (s *session) garbage(why error) {
	if s.t.tls == nil && s.lookAt(s.framer.rest()) {
		return
	}
	s.t.l.turnedAway(&s.t.l.notRELP, s.addr, why.Error())
}

// slowOr makes a passed deadline of an answer errSlow: the sender does not read them.
func slowOr(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return errSlow
	}
	return err
}
