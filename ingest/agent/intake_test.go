package agent

import (
	"context"
	"errors"
	"testing"
	"time"

	"yagura/internal/event"
)

func TestAnIntakeSettlesWhenAllIsOnDisk(t *testing.T) {
	b := serve(t, nil)
	b.disk.setHeld(true)
	in := b.intake(Sender{Name: "web01"})
	defer in.Close()
	for _, l := range []string{"one", "panic two", "three"} {
		if err := in.Take(t.Context(), Record{Raw: []byte(l)}); err != nil {
			t.Fatal(err)
		}
	}
	settled := make(chan error, 1)
	go func() { settled <- in.Settle(t.Context()) }()
	b.until("it waits", func() bool { b.desk.mu.Lock(); defer b.desk.mu.Unlock(); return len(b.waiting) == 1 })
	select {
	case err := <-settled:
		t.Fatalf("settled before the block was on disk: %v", err)
	default:
	}
	b.disk.reach(nil)
	if err := <-settled; err != nil {
		t.Error(err)
	}
	if n := len(b.disk.got()); n != 3 {
		t.Errorf("%d lines", n)
	}
}

func TestALostBlockSettlesNothing(t *testing.T) {
	b := serve(t, nil)
	b.disk.setHeld(true)
	in := b.intake(Sender{Name: "web01"})
	defer in.Close()
	if err := in.Take(t.Context(), Record{Raw: []byte("one")}); err != nil {
		t.Fatal(err)
	}
	b.disk.reach(errDisk)
	if err := in.Settle(t.Context()); !errors.Is(err, errLost) {
		t.Errorf("got %v", err)
	}
}

func TestTheBooksBalance(t *testing.T) {
	b := serve(t, nil)
	in := b.intake(Sender{Name: "web01"})
	defer in.Close()
	if err := in.Take(t.Context(), Record{Raw: []byte("one")}); err != nil {
		t.Fatal(err)
	}
	b.disk.setFull(true)
	limit, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := in.Take(limit, Record{Raw: []byte("two")}); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("got %v", err)
	}
	b.stop()
	got := b.disk.tallies[event.Source{Peer: "web01", Listener: b.Server.Name()}]
	if got.Received != 2 || got.Refused[event.BusFull] != 1 || got.RefusedTotal() != 1 {
		t.Errorf("the books say %+v", got)
	}
}
