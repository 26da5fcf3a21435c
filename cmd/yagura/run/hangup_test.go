package run

import (
	"os"
	"syscall"
	"testing"
)

// A hang-up is no end: lines sent after it are stored.
func TestAHangUpEndsNothing(t *testing.T) {
	s := up(t, settings(t))
	for range 3 {
		if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	s.send(numbered(1, 5)...)
	s.want("SELECT count() FROM events", 5)
	if err := s.stop(); err != nil {
		t.Error(err)
	}
}
