package run

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yagura/cmd/yagura/config"
	"yagura/internal/bus"
	"yagura/internal/event"
)

// sealed is a packed block with one event.
func sealed(id event.ID, raw string) []byte {
	var d event.Draft
	var b event.Builder
	d.Reset([]byte(raw))
	d.Received = time.Now()
	d.Source = event.Source{Peer: "web01", Listener: "agent:127.0.0.1:8443"}
	b.Append(&d)
	return event.Pack(nil, b.Seal(id, time.Now()))
}

func TestTheLedgerReadsTheStreamAndTheSpool(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	folder := &Folder{Path: t.TempDir()}
	open := func() *bus.Bus {
		t.Helper()
		b, err := bus.Open(t.Context(), bus.Config{Dir: folder.Sub("bus"), Node: "n", Tenant: "t", MaxBytes: 64 << 20, Reserve: 1 << 20, Replicas: 1}, log)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	m := &Main{cfg: config.Config{Node: "n", Tenant: "t"}, log: log, folder: folder, bus: open()}
	t.Cleanup(func() { m.bus.Close() })
	l := &agentLedger{m: m}
	m.ledger = l
	if state, seq, err := l.Load(t.Context()); state != nil || seq != 0 || err != nil {
		t.Errorf("a new folder: %q %d %v", state, seq, err)
	}
	id := event.ID{Tenant: "t", Node: "n", Epoch: 1}
	for i, raw := range []string{"one", "two", "three"} {
		id.Seq = uint64(i + 1)
		if _, err := (busPublisher{m}).PublishBlock(t.Context(), id, sealed(id, raw)); err != nil {
			t.Fatal(err)
		}
	}
	if l.Published() != 3 {
		t.Errorf("published %d", l.Published())
	}
	if state, seq, err := l.Load(t.Context()); state != nil || seq != 3 || err != nil {
		t.Errorf("the first start with agents: %q %d %v", state, seq, err)
	}
	if err := l.Save(t.Context(), 1, []byte("state")); err != nil {
		t.Fatal(err)
	}
	if state, seq, err := l.Load(t.Context()); string(state) != "state" || seq != 1 || err != nil {
		t.Errorf("saved: %q %d %v", state, seq, err)
	}
	id.Seq = 4
	for name, data := range map[string][]byte{"00-04.block": sealed(id, "spooled"), "00-05.block": []byte("damaged"), "00-06.tmp": nil} {
		path := filepath.Join(folder.Sub("spool"), name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	l.readSpool()
	for _, want := range [][]string{{"two", "three", "spooled"}, {"two", "three"}} {
		var got []string
		last, err := l.Blocks(t.Context(), 1, func(b *event.Block) { got = append(got, string(b.Event(0).Raw())) })
		if d := cmp.Diff(want, got); d != "" || last != 3 || err != nil {
			t.Errorf("%s %d %v", d, last, err)
		}
	}
	if last, err := l.Blocks(t.Context(), 3, func(*event.Block) { t.Error("a block") }); last != 3 || err != nil {
		t.Errorf("%d %v", last, err)
	}
}
