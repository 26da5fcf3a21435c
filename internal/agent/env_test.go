package agent

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// host is an agent's folder and inputs without a server: what the spool holds is
// read back.
type host struct {
	*testing.T
	dir   string
	spool *Spool
	in    Input
	make  func() Input
	acked uint64 // what the server would say it has
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func newHost(t *testing.T, input func(dir string) Input) *host {
	h := &host{T: t, dir: t.TempDir()}
	h.make = func() Input { return input(filepath.Join(h.dir, "log")) }
	if err := os.MkdirAll(filepath.Join(h.dir, "log"), 0o700); err != nil {
		t.Fatal(err)
	}
	h.begin()
	t.Cleanup(func() { h.end() })
	return h
}

// begin starts the agent's collecting side.
func (h *host) begin() {
	h.Helper()
	spool, err := OpenSpool(filepath.Join(h.dir, "spool"), 1<<30, quiet())
	if err != nil {
		h.Fatal(err)
	}
	if err := spool.Ack(h.acked); err != nil {
		h.Fatal(err)
	}
	spool.Rewind()
	h.spool, h.in = spool, h.make()
	h.in.Restore(spool.Marks())
}

func (h *host) end() {
	h.Helper()
	if err := h.in.Close(); err != nil {
		h.Error(err)
	}
	if err := h.spool.Close(); err != nil {
		h.Error(err)
	}
}

// restart ends it without a commit: as a kill does.
func (h *host) restart() {
	h.Helper()
	h.end()
	h.begin()
}

// poll reads until nothing is left; the patterns are looked at each time.
func (h *host) poll() {
	h.Helper()
	for range 1000 {
		if f, ok := h.in.(*Files); ok && !f.scanned.IsZero() {
			f.scanned = f.scanned.Add(-scanEvery)
		}
		if !h.in.Poll(context.Background(), &Sink{spool: h.spool}) {
			return
		}
		h.commit()
	}
	h.Fatal("the input never ends")
}

func (h *host) commit() {
	h.Helper()
	changed := map[string]string{}
	h.in.Marks(func(k, v string) { changed[k] = v })
	if err := h.spool.Commit(changed); err != nil {
		h.Fatal(err)
	}
}

// lines polls, commits, and returns what is new in the spool, acknowledged.
func (h *host) lines() []string {
	h.Helper()
	h.poll()
	h.commit()
	var got []string
	var b Batch
	for {
		if err := h.spool.Read(&b); err != nil {
			h.Fatal(err)
		}
		if b.Count == 0 {
			return got
		}
		for _, r := range records(h.T, b.Body) {
			got = append(got, string(r.Raw))
		}
		h.acked = b.First + uint64(b.Count) - 1
		if err := h.spool.Ack(h.acked); err != nil {
			h.Fatal(err)
		}
	}
}

func (h *host) path(name string) string { return filepath.Join(h.dir, "log", name) }

// append writes lines to the end of a file.
func (h *host) append(name string, lines ...string) {
	h.Helper()
	h.write(name, strings.Join(lines, "\n")+"\n", os.O_APPEND)
}

func (h *host) write(name, text string, how int) {
	h.Helper()
	f, err := os.OpenFile(h.path(name), os.O_WRONLY|os.O_CREATE|how, 0o600)
	if err != nil {
		h.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(text); err != nil {
		h.Fatal(err)
	}
}

func (h *host) rename(from, to string) {
	h.Helper()
	if err := os.Rename(h.path(from), h.path(to)); err != nil {
		h.Fatal(err)
	}
}

func (h *host) copy(from, to string) {
	h.Helper()
	text, err := os.ReadFile(h.path(from))
	if err != nil {
		h.Fatal(err)
	}
	h.write(to, string(text), os.O_TRUNC)
}

func (h *host) truncate(name string) {
	h.Helper()
	if err := os.Truncate(h.path(name), 0); err != nil {
		h.Fatal(err)
	}
}
