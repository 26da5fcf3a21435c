package bus

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yagura/internal/event"
)

// small mounts a volume of that size, e.dir lies on it.
func small(t *testing.T, size string) (dir string) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("a sized tmpfs needs root")
	}
	dir = t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("no tmpfs here: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir
}

// ballast fills the volume to its last byte.
func ballast(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, size := range []int{1 << 20, 4096, 1} {
		for block := make([]byte, size); ; {
			if _, err := f.Write(block); err != nil {
				break
			}
		}
	}
}

// packed is a block of one line.
func packed(n uint64) (event.ID, []byte) {
	var bl event.Builder
	d := &event.Draft{}
	d.Reset(fmt.Appendf(nil, "%d", n))
	d.Received = time.Unix(1, 0)
	bl.Append(d)
	id := event.ID{Tenant: "demo", Node: "n1", Epoch: 1, Seq: n}
	return id, event.Pack(nil, bl.Encode(nil, id, time.Unix(2, 0)))
}

// TestAVolumeThatWasFullToItsEnd: JetStream's stream answers nothing more after a
// write that failed. Mend brings it back once there is room, while publishers and
// readers go on: nothing is lost, nothing comes twice, the order stays.
func TestAVolumeThatWasFullToItsEnd(t *testing.T) {
	dir := small(t, "64m")
	e := start(t, func(c *Config) { c.Dir, c.Reserve = filepath.Join(dir, "bus"), 1 }) // the reserve does not help here
	const blocks = 300
	fillAt, full := uint64(100), make(chan struct{})
	published := make(chan error, 1)
	go func() {
		for n := uint64(1); n <= blocks; n++ {
			if n == fillAt {
				ballast(t, filepath.Join(dir, "ballast"))
				e.bus.cfg.Reserve = 0 // nobody looks: the write itself fails
				close(full)
			}
			id, data := packed(n)
			if _, err := e.bus.PublishBlock(e.ctx, id, data); err != nil {
				published <- err
				return
			}
		}
		published <- nil
	}()
	r := e.reader("store", 0)
	read := make(chan []string, 1)
	go func() {
		var got []string
		for len(got) < blocks {
			d, err := r.Next(e.ctx)
			if err != nil {
				got = append(got, err.Error())
				break
			}
			got = append(got, fmt.Sprintf("%d:%s", d.Seq, d.Value.Event(0).Raw()))
			d.Commit()
		}
		read <- got
	}()
	<-full
	for e.bus.stuck() == nil {
		e.tick()
	}
	e.Logf("stuck: %v; health says %v", e.bus.stuck(), e.bus.Healthy())
	if err := os.Remove(filepath.Join(dir, "ballast")); err != nil {
		t.Fatal(err)
	}
	e.mend()
	if err := <-published; err != nil {
		t.Fatal(err)
	}
	var want []string
	for n := range blocks {
		want = append(want, fmt.Sprintf("%d:%d", n+1, n+1))
	}
	if d := cmp.Diff(want, <-read); d != "" {
		t.Error(d)
	}
	if err := r.Save(e.ctx); err != nil {
		t.Error(err)
	}
	if err := e.bus.Healthy(); err != nil || len(e.bus.Lost()) > 0 || e.bus.Restarts() != 1 {
		t.Errorf("health %v, lost %v, restarts %d", err, e.bus.Lost(), e.bus.Restarts())
	}
	for _, name := range []string{Verdicts, Alerts, Incidents} { // each can be written again
		if err := e.small(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if again, err := e.bus.Mend(e.ctx); again || err != nil {
		t.Errorf("mended again: %v, %v", again, err)
	}
}

// mend calls Mend until the server works again.
func (e *env) mend() {
	e.Helper()
	for e.bus.stuck() != nil {
		if _, err := e.bus.Mend(e.ctx); err != nil {
			e.Log(err)
		}
		e.tick()
	}
}

func (e *env) tick() {
	e.Helper()
	select {
	case <-e.ctx.Done():
		e.Fatal("waited in vain")
	case <-time.After(10 * time.Millisecond):
	}
}

func (e *env) small(stream string) error {
	switch stream {
	case Verdicts:
		return e.bus.PublishVerdict(e.ctx, event.Verdict{Seq: 1})
	case Alerts:
		return e.bus.PublishAlert(e.ctx, event.Alert{ID: "a1"})
	}
	return e.bus.PublishIncident(e.ctx, event.Incident{ID: "i1"})
}

// What the bus has lost when its server is started anew is noted and filled as at
// a start, while publishers wait.
func TestALossIsFoundWhenTheServerIsStartedAnew(t *testing.T) {
	e := start(t)
	for n := range uint64(5) {
		e.block(n+1, "x")
	}
	published := make(chan error, 1)
	e.bus.mend.gate.RLock()
	e.bus.server.stop()
	if err := os.RemoveAll(filepath.Join(e.dir, "store")); err != nil {
		t.Fatal(err)
	}
	go func() {
		id, data := packed(6)
		seq, err := e.bus.PublishBlock(e.ctx, id, data)
		if err == nil && seq != 6 {
			err = fmt.Errorf("sequence %d", seq)
		}
		published <- err
	}()
	e.bus.mend.gate.RUnlock()
	e.mend()
	if err := <-published; err != nil {
		t.Error(err)
	}
	if d := cmp.Diff([]Lost{{Events, 1, 5, e.bus.Origin()}}, e.bus.Lost()); d != "" {
		t.Error(d)
	}
}

// A publisher waits for a restart, and no longer than it is allowed to.
func TestAPublisherWaitsForARestart(t *testing.T) {
	e := start(t)
	e.bus.mend.gate.Lock()
	short, cancel := context.WithTimeout(e.ctx, 50*time.Millisecond)
	defer cancel()
	ended := make(chan error, 1)
	id, data := packed(1)
	go func() {
		_, err := e.bus.PublishBlock(short, id, data)
		ended <- err
	}()
	select {
	case err := <-ended:
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a publisher without time: %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("a publisher without time goes on waiting")
	}
	patient := make(chan error, 1)
	go func() {
		_, err := e.bus.PublishBlock(e.ctx, id, data)
		patient <- err
	}()
	e.bus.mend.gate.Unlock()
	if err := <-patient; err != nil {
		t.Errorf("a patient publisher: %v", err)
	}
}

// Without room nothing is started anew: it would get stuck again.
func TestAStuckServerWaitsForRoom(t *testing.T) {
	e := start(t)
	e.bus.server.stop()
	hold := e.bus.cfg.Reserve
	e.bus.cfg.Reserve = 1 << 60
	if again, err := e.bus.Mend(e.ctx); again || err != nil {
		t.Errorf("%v, %v", again, err)
	}
	short, cancel := context.WithTimeout(e.ctx, 50*time.Millisecond)
	defer cancel()
	id, data := packed(1)
	if _, err := e.bus.PublishBlock(short, id, data); !errors.Is(err, ErrFull) {
		t.Errorf("a block: %v", err)
	}
	e.bus.cfg.Reserve = hold
	e.mend()
	if seq := e.block(1, "a"); seq != 1 {
		t.Errorf("sequence %d", seq)
	}
}

// A server that got no processor for a moment is not started anew.
func TestAFaultMustLast(t *testing.T) {
	ill := errors.New("ill")
	for _, c := range []struct {
		answers []error
		want    error
	}{
		{[]error{nil}, nil},
		{[]error{ill, nil}, nil},
		{[]error{ill, ill, nil}, nil},
		{[]error{ill, ill, ill}, ill},
	} {
		asked := 0
		got := lasting(func() error { asked++; return c.answers[asked-1] })
		if !errors.Is(got, c.want) || asked != len(c.answers) {
			t.Errorf("%v: %v after %d questions", c.answers, got, asked)
		}
	}
}
