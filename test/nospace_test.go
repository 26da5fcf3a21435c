package test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestNoSpace fills a small volume under the data folder to its very end, twice,
// under load: the senders are held back, it goes on by itself when there is room,
// and nothing that was accepted is lost or doubled.
func TestNoSpace(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("a sized tmpfs needs root")
	}
	volume := shortDir(t)
	if err := syscall.Mount("tmpfs", volume, "tmpfs", 0, "size=700m"); err != nil {
		t.Skipf("no tmpfs here: %v", err)
	}
	e := start(t, "bus: {max_bytes: 64MiB, reserve: 16MiB}")
	t.Cleanup(func() { e.kill(); _ = syscall.Unmount(volume, syscall.MNT_DETACH) })
	e.stop()
	e.dir = filepath.Join(volume, "data")
	e.configure("bus: {max_bytes: 64MiB, reserve: 16MiB}")
	e.up()
	e.burst("203.0.113.52", 8)
	e.wantStory("203.0.113.52", 8)
	l := e.startLoad(2000)
	for range 2 {
		e.pause(l, 2*time.Second)
		ballast := filepath.Join(volume, "ballast")
		fill(t, ballast)
		e.pause2(5 * time.Second)
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
		n := l.next.Load()
		e.until(90*time.Second, func() bool { return l.next.Load() > n+4000 }, func() string { return "the load does not go on when there is room again" })
	}
	sent := l.end()
	e.settle()
	e.wantLedger(sent, 0)
	log, err := os.ReadFile(e.log.Name())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("the embedded bus was started anew %d times", strings.Count(string(log), "works again"))
	e.stop()
}

// fill writes until the volume is full.
func fill(t testing.TB, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for block := make([]byte, 1<<20); ; {
		if _, err := f.Write(block); err != nil {
			if len(block) == 4096 {
				return
			}
			block = block[:4096]
		}
	}
}
