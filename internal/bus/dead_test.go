package bus

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yagura/internal/event"
)

// The dead letters never stop the pipeline for want of room: the oldest ones that
// were told are moved to a file, whole.
func TestDeadLettersFindRoom(t *testing.T) {
	e := start(t)
	s, err := e.bus.js.Stream(e.ctx, Dead)
	if err != nil {
		t.Fatal(err)
	}
	cfg := s.CachedInfo().Config
	cfg.MaxBytes = 1 << 20
	if _, err := e.bus.js.UpdateStream(e.ctx, cfg); err != nil {
		t.Fatal(err)
	}
	body := func(i int) []byte { return bytes.Repeat([]byte{byte(i), 0xff}, 50<<10) }
	for i := range 9 {
		if err := e.bus.publishDead(e.ctx, body(i), Events, uint64(100+i), errors.New("odd\nlength")); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.bus.Trim(e.ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(e.bus.DeadFolder()); err == nil {
		t.Fatal("moved before anybody was told")
	}
	r, err := e.bus.DeadFrom(e.ctx, "tell", 0)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for i := range 9 {
		d, err := r.Next(e.ctx)
		if err != nil {
			t.Fatal(err)
		}
		if l := d.Value; l.Stream != Events || l.Seq != uint64(100+i) || l.Reason != "odd length" || !bytes.Equal(l.Data, body(i)) {
			t.Fatalf("%d: %s %d %q, %d bytes", i, l.Stream, l.Seq, l.Reason, len(l.Data))
		}
		d.Commit()
	}
	if err := r.Save(e.ctx); err != nil {
		t.Fatal(err)
	}
	hold := e.bus.cfg.Reserve
	e.bus.cfg.Reserve = 1 << 60
	if err := e.bus.Trim(e.ctx); err != nil {
		t.Fatal(err)
	}
	if files, _ := filepath.Glob(filepath.Join(e.bus.DeadFolder(), "*")); len(files) > 0 {
		t.Errorf("the reserve was used: %v", files)
	}
	e.bus.cfg.Reserve = hold
	if err := e.bus.Trim(e.ctx); err != nil {
		t.Fatal(err)
	}
	states, err := e.bus.States(e.ctx)
	if err != nil {
		t.Fatal(err)
	}
	st := states[4]
	if st.Bytes > uint64(st.MaxBytes)*6/10 || st.First == 1 {
		t.Errorf("still %d of %d bytes, from %d", st.Bytes, st.MaxBytes, st.First)
	}
	files, err := filepath.Glob(filepath.Join(e.bus.DeadFolder(), "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v, %v", files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	if uint64(len(lines)) != st.First-1 {
		t.Errorf("%d lines in the file, the stream begins at %d", len(lines), st.First)
	}
	for i, line := range lines {
		var l DeadLetter
		if err := json.Unmarshal(line, &l); err != nil || l.Seq != uint64(100+i) || !bytes.Equal(l.Data, body(i)) {
			t.Errorf("line %d: %v, %d", i, err, l.Seq)
		}
	}
}

// A message that a stage fails at is named until it is finished.
func TestAFailingMessageIsNamed(t *testing.T) {
	e := start(t)
	e.block(1, "a")
	e.block(2, "b")
	r := e.reader("store", 0)
	d, _ := e.next(r)
	for range 3 {
		d.Failed(errors.New("no disk"))
		d, _ = e.next(r)
	}
	got := e.bus.Failing()
	if len(got) != 1 || got[0].Since.IsZero() {
		t.Fatalf("%+v", got)
	}
	got[0].Since = got[0].Since.Add(-1)
	want := []Failing{{Stream: Events, Stage: "store", Seq: 1, Tries: 3, Reason: "no disk", Since: got[0].Since}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	d.Commit()
	d, _ = e.next(r)
	d.Commit()
	if got := e.bus.Failing(); len(got) > 0 || e.bus.Failures() != 3 {
		t.Errorf("%v, %d failures", got, e.bus.Failures())
	}
}

// A message set aside by one stage is set aside once, whoever reads it later.
func TestAnUnreadableBlockIsOneDeadLetter(t *testing.T) {
	e := start(t)
	if _, err := e.bus.PublishBlock(e.ctx, event.ID{Tenant: "demo", Seq: 1}, []byte("rubbish")); err != nil {
		t.Fatal(err)
	}
	e.block(2, "good")
	for _, stage := range []string{"detect", "store"} {
		if _, text := e.next(e.reader(stage, 0)); text != "2:good" {
			t.Errorf("%s got %s", stage, text)
		}
	}
	states, err := e.bus.States(e.ctx)
	if err != nil || states[4].Messages != 1 {
		t.Errorf("%+v, %v", states[4], err)
	}
}
