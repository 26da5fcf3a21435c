package run

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yagura/internal/bus"
)

// send writes lines to the first listener and waits for it to take them.
func (s *story) send(lines ...string) {
	s.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.at.Syslog[0], "tcp:"))
	if err != nil {
		s.Fatal(err)
	}
	defer conn.Close()
	for _, l := range lines {
		if _, err := fmt.Fprintf(conn, "<38>%s host sshd[1]: %s\n", time.Now().Format(time.Stamp), l); err != nil {
			s.Fatal(err)
		}
	}
}

func numbered(from, to int) (lines []string) {
	for n := from; n <= to; n++ {
		lines = append(lines, fmt.Sprintf("line %d", n))
	}
	return lines
}

// The whole in one process, asked while it starts, with everything gone and come
// back between the lives: the bus's folder, the engine's folder.
func TestALifeWithLostFolders(t *testing.T) {
	cfg := settings(t)
	lives := []struct {
		name string
		lose string // below the data folder
		rows int    // distinct lines stored in the end
	}{
		{"first", "", 100},
		{"again", "", 200},
		{"the bus is made anew, the store stays", "bus", 300},
		{"the store is made anew, the bus stays", "engine", 200}, // what the bus holds: the last two lives
		{"both stay", "", 300},
	}
	for i, life := range lives {
		if life.lose != "" {
			if err := os.RemoveAll(filepath.Join(cfg.Data, life.lose)); err != nil {
				t.Fatal(err)
			}
		}
		s := up(t, cfg)
		c, err := ReadContact(cfg.Data)
		if err != nil {
			t.Fatal(err)
		}
		if got := get(t, c, "health"); got != http.StatusOK {
			t.Errorf("%s: health answers %d", life.name, got)
		}
		s.send(numbered(100*i+1, 100*i+100)...)
		s.want("SELECT uniqExact(message) FROM events", life.rows)
		s.want("SELECT count() FROM events", life.rows)
		if n := s.count("SELECT countIf(verdict_missing) FROM events"); n != 0 {
			t.Errorf("%s: %d events have no verdict", life.name, n)
		}
		began := time.Now()
		if err := s.stop(); err != nil {
			t.Errorf("%s: stop: %v", life.name, err)
		}
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("%s: the stop took %v", life.name, took)
		}
		if _, err := ReadContact(cfg.Data); err == nil {
			t.Errorf("%s: the contact file is still there", life.name)
		}
	}
}

// The bus folder comes back from an older copy: sequences would be given twice.
func TestTheBusIsAnOlderCopy(t *testing.T) {
	cfg := settings(t)
	s := up(t, cfg)
	s.send(numbered(1, 50)...)
	s.want("SELECT count() FROM events", 50)
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(t.TempDir(), "bus")
	if err := os.CopyFS(copied, os.DirFS(filepath.Join(cfg.Data, "bus"))); err != nil {
		t.Fatal(err)
	}
	s = up(t, cfg)
	for n := range 3 { // several blocks
		s.send(numbered(51+10*n, 60+10*n)...)
		s.want("SELECT count() FROM events", 60+10*n)
	}
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(cfg.Data, "bus")); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(filepath.Join(cfg.Data, "bus"), os.DirFS(copied)); err != nil {
		t.Fatal(err)
	}
	s = up(t, cfg)
	s.send(numbered(81, 90)...)
	s.want("SELECT count() FROM events", 90)
	s.want("SELECT uniqExact(message) FROM events", 90)
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
}

// A loss that is filled and followed by nothing: the stop does not wait for it, and
// one alert tells it.
func TestALossIsToldAndDoesNotHoldTheStop(t *testing.T) {
	cfg := settings(t)
	s := up(t, cfg)
	s.send(numbered(1, 10)...)
	s.want("SELECT count() FROM events", 10)
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(cfg.Data, "bus", "store")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		s = up(t, cfg)
		s.want("SELECT count() FROM alerts WHERE rule_id = '"+RuleBusLost+"'", 1)
		began := time.Now()
		if err := s.stop(); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took > 8*time.Second {
			t.Errorf("the stop took %v", took)
		}
	}
}

// A stop while it starts is no fault.
func TestStoppedWhileStarting(t *testing.T) {
	needEngine(t)
	for _, after := range []time.Duration{0, 20 * time.Millisecond, 100 * time.Millisecond, 500 * time.Millisecond} {
		m, err := New(settings(t), Options{}, quiet)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(after, cancel)
		gone := make(chan error, 1)
		go func() { gone <- m.Run(ctx) }()
		select {
		case err := <-gone:
			if err != nil {
				t.Errorf("stopped after %v: %v", after, err)
			}
		case <-time.After(60 * time.Second):
			t.Fatalf("stopped after %v: does not end", after)
		}
	}
}

// A start that cannot be leaves nothing behind: the same addresses and folder
// serve the next one.
func TestAFailedStartLeavesNothing(t *testing.T) {
	needEngine(t)
	cfg := settings(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	cfg.Console.Address = taken.Addr().String()
	if _, err := New(cfg, Options{}, quiet); err == nil || !strings.Contains(err.Error(), "console") {
		t.Fatalf("%v", err)
	}
	if err := taken.Close(); err != nil {
		t.Fatal(err)
	}
	m, err := New(cfg, Options{}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := New(cfg, Options{}, quiet); !errors.Is(err, ErrInUse) {
		t.Errorf("a second one on the folder: %v", err)
	}
	m.release()
	if _, err := New(cfg, Options{Stages: []string{"ingst"}}, quiet); err == nil {
		t.Error("an unknown stage was taken")
	}
}

// Two parts at fault are both told, and the others are stopped.
func TestFaultsOfPartsAreJoined(t *testing.T) {
	p := newParts()
	p.start("one", func(context.Context) error { return errors.New("first") })
	p.start("two", func(ctx context.Context) error { <-ctx.Done(); return errors.New("second") })
	p.start("three", func(ctx context.Context) error { <-ctx.Done(); return nil })
	<-p.fault.Done()
	p.stopNamed("two")
	p.stopAll()
	p.stopAll()
	if got := p.err().Error(); got != "one: first\ntwo: second" {
		t.Errorf("%q", got)
	}
}

// The events stream of a store that lost everything is read from its beginning.
func TestAnEmptyStoreStage(t *testing.T) {
	b := openBus(t, bus.Config{Dir: t.TempDir()})
	defer b.Close()
	publish(t, b, 1, 1, "a")
	if err := b.Confirm(t.Context(), bus.Events, "store", 1); err != nil {
		t.Fatal(err)
	}
	s := &storeStage{bus: b, log: quiet, open: func(string) (inserter, error) { return emptyStore{}, nil }}
	at, err := s.resume(t.Context())
	if err != nil || at != (start{stored: 0, verdicts: 1}) {
		t.Errorf("%+v, %v", at, err)
	}
}

type emptyStore struct{ inserter }

func (emptyStore) Watermark(context.Context) (uint64, error) { return 0, nil }
