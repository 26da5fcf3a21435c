package agent

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"yagura/internal/event"
)

// TestLettersAreAnsweredWhenTheyAreOnDisk in their order, however many wait at once.
func TestLettersAreAnsweredWhenTheyAreOnDisk(t *testing.T) {
	disk := newDisk()
	l, err := NewLetters(Config{Address: "127.0.0.1:0", Folder: t.TempDir(), Drain: 10 * time.Second}, disk, func() Handler { return plainHandler{} }, quiet)
	if err != nil {
		t.Fatal(err)
	}
	token, err := l.registry.Issue(Entry{Name: "fw01", Kind: KindToken, Source: "192.0.2.9"})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.registry.PutNkey(Entry{Name: "sw01"}, "UPUBLIC"); err != nil {
		t.Fatal(err)
	}
	addr := netip.MustParseAddr("192.0.2.1")
	for _, c := range []struct{ token, nkey, want string }{
		{token, "", "fw01"}, {"", "UPUBLIC", "sw01"}, {"UPUBLIC", "", ""}, {"", token, ""}, {"", "", ""}, {"ygr_x", "", ""},
	} {
		if got, _, err := l.Admit(addr, c.token, c.nkey); got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%q, %q: %q, %v; want %q", c.token, c.nkey, got, err, c.want)
		}
	}
	disk.setHeld(true)
	var told []string
	answer := func(what string) func(error) {
		return func(err error) { told = append(told, fmt.Sprint(what, " ", err)) }
	}
	err = l.Run(t.Context(), func(ctx context.Context) error {
		for disk.hears() == nil {
			time.Sleep(time.Millisecond)
		}
		for i := range 2000 {
			l.Take(ctx, []string{"fw01", "sw01"}[i%2], fmt.Appendf(nil, "line %d\n", i), answer(fmt.Sprint(i)))
		}
		if err := l.registry.Revoke("sw01"); err != nil {
			t.Error(err)
		}
		disk.setHeld(false)
		disk.reach(nil)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range told {
		if s != fmt.Sprint(i, " <nil>") {
			t.Fatalf("the answer %d: %s", i, s)
		}
	}
	if len(told) != 2000 {
		t.Errorf("%d answers", len(told))
	}
	hash := func(name string) string {
		e, _ := l.registry.Named(map[string]Kind{"fw01": KindToken, "sw01": KindNkey}[name], name)
		return e.Hash
	}
	if !l.Good("fw01", hash("fw01")) || l.Good("sw01", hash("sw01")) {
		t.Error("not the one that is revoked is refused")
	}
	if got := disk.got(); len(got) != 2000 || !slices.Equal(got[:2], []string{"line 0", "line 1"}) {
		t.Errorf("%d lines", len(got))
	}
	if n := disk.tallies[event.Source{Peer: "192.0.2.9", Listener: "nats:127.0.0.1:0"}].Received; n != 1000 {
		t.Errorf("%d received of fw01's source", n)
	}
}

// TestLettersThatAreNotTaken are told so.
func TestLettersThatAreNotTaken(t *testing.T) {
	disk := newDisk()
	l, err := NewLetters(Config{Address: "127.0.0.1:0", Folder: t.TempDir(), Drain: 50 * time.Millisecond}, disk, func() Handler { return plainHandler{} }, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.registry.Issue(Entry{Name: "fw01", Kind: KindToken}); err != nil {
		t.Fatal(err)
	}
	told := make(chan error, 10)
	answer := func(err error) { told <- err }
	disk.setHeld(true)
	err = l.Run(t.Context(), func(ctx context.Context) error {
		for disk.hears() == nil {
			time.Sleep(time.Millisecond)
		}
		l.Take(ctx, "nobody", []byte("x"), answer)
		l.Take(ctx, "fw01", []byte("\n"), answer)
		l.Take(ctx, "fw01", []byte("is lost"), answer)
		disk.reach(errDisk)
		disk.setFull(true)
		short, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
		defer cancel()
		l.Take(short, "fw01", []byte("no room"), answer)
		disk.setFull(false)
		l.Lost(3)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	got := map[error]int{}
	for range 4 {
		got[<-told]++
	}
	if got[errForbidden] != 1 || got[errNoLetter] != 1 || got[errNotTaken] != 2 {
		t.Error(got)
	}
	l.Take(t.Context(), "fw01", nil, func(err error) {
		if !errors.Is(err, errNoLetter) {
			t.Error(err)
		}
	})
	if st := l.Stats(); st.Refused[event.BusFull] != 4 || st.Refused[event.Denied] != 1 {
		t.Error(st.Refused)
	}
}

// hears is what is told of blocks.
func (d *disk) hears() func(uint64, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.told
}

// TestAnotherTokenOfTheNameIsAnotherOne: what was revoked stays so when its name is
// given to another token, or to an nkey, at once; and whoever guesses nkeys is held back.
func TestAnotherTokenOfTheNameIsAnotherOne(t *testing.T) {
	l, err := NewLetters(Config{Address: "127.0.0.1:0", Folder: t.TempDir()}, newDisk(), func() Handler { return plainHandler{} }, quiet)
	if err != nil {
		t.Fatal(err)
	}
	addr := netip.MustParseAddr("192.0.2.1")
	token, err := l.registry.Issue(Entry{Name: "fw01", Kind: KindToken})
	if err != nil {
		t.Fatal(err)
	}
	name, proof, err := l.Admit(addr, token, "")
	if err != nil || !l.Good(name, proof) {
		t.Fatal(err)
	}
	if err := l.registry.Revoke("fw01"); err != nil {
		t.Fatal(err)
	}
	if _, err := l.registry.Issue(Entry{Name: "fw01", Kind: KindToken}); err != nil {
		t.Fatal(err)
	}
	if err := l.registry.PutNkey(Entry{Name: "fw01"}, "UPUBLIC"); err != nil {
		t.Fatal(err)
	}
	if l.Good(name, proof) {
		t.Error("the revoked token is good by the new one")
	}
	if _, proof, err := l.Admit(addr, "", "UPUBLIC"); err != nil || !l.Good("fw01", proof) {
		t.Error("the nkey beside it is not")
	}
	for i := range guesses {
		_, _, _ = l.Admit(addr, "", fmt.Sprint("UGUESS", i))
	}
	if _, _, err := l.Admit(addr, "", "UGUESS"); !errors.Is(err, errLimited) {
		t.Errorf("nkeys may be guessed for ever: %v", err)
	}
	if _, _, err := l.Admit(addr, "", "UPUBLIC"); err != nil {
		t.Errorf("one that was right before: %v", err)
	}
	l.Turned(addr, true)
	if st := l.Stats(); st.OverLimit != 1 || st.Denied != guesses || st.Limited != 1 || st.Turned.IsZero() {
		t.Errorf("%+v", st)
	}
}
