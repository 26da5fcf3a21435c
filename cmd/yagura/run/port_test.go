package run

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestAPortOfAnotherProgramIsNamed(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := l.Addr().String()
	err = freePort(at, 0)
	if want := at + " is in use by another program (ss -ltnp names it); stop that one, or choose another port"; err == nil || err.Error() != want || !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("taken: %v", err)
	}
	time.AfterFunc(2*portEvery, func() { _ = l.Close() }) // as a dying engine does
	if err := freePort(at, portPatience); err != nil {
		t.Errorf("free soon: %v", err)
	}
	for _, address := range []string{"", "127.0.0.1:0", at} {
		if err := freePort(address, 0); err != nil {
			t.Errorf("%q: %v", address, err)
		}
	}
	if err := freePort("192.0.2.77:1", 0); err == nil || errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("an address of another machine: %v", err)
	}
}

// A start that is refused late leaves nothing open.
func TestNothingIsLeftOfARefusedStart(t *testing.T) {
	if _, err := os.ReadDir("/proc/self/fd"); err != nil {
		t.Skip(err)
	}
	cfg := settings(t)
	cfg.Store.Engine = filepath.Join(cfg.Data, "nowhere.so")
	if _, err := New(cfg, Options{}, quiet); err == nil {
		t.Fatal("no error")
	}
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range fds {
		if path, err := os.Readlink("/proc/self/fd/" + fd.Name()); err == nil && strings.HasPrefix(path, cfg.Data) {
			t.Errorf("left open: %s", path)
		}
	}
}
