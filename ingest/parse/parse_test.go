package parse

import (
	"strings"
	"sync"
	"testing"

	"yagura/internal/event"
)

// newDraft is a draft as a listener makes it.
func newDraft(raw string) *event.Draft {
	d := &event.Draft{}
	d.Reset([]byte(raw))
	d.Received = received
	return d
}

func TestHotPathAllocatesNothing(t *testing.T) {
	p := New()
	for _, line := range []string{benchSSHD, benchSudo, bench5424, benchNetfiler, benchSquid, benchPostfix, benchWeb, benchBIND, asaDeny, iosPermit} {
		wantNoAllocations(t, p, line)
	}
}

func wantNoAllocations(t *testing.T, p *Parser, line string) {
	t.Helper()
	raw := []byte(line)
	d := newDraft(line)
	p.Parse(d, nil) // warm
	if n := testing.AllocsPerRun(50, func() {
		d.Reset(raw)
		d.Received = received
		p.Parse(d, nil)
	}); n > 0 {
		t.Errorf("%v allocations for %s", n, line)
	}
}

func TestDevicesAreKnownByOneName(t *testing.T) {
	names := Devices()
	for i, n := range names {
		if n == "" || i > 0 && n == names[i-1] || strings.ContainsAny(n, " \t") {
			t.Errorf("device %q", n)
		}
	}
	seen := map[string]string{}
	for _, fam := range append(append([]family{}, deviceFamilies...), hostFamilies...) {
		all := []string{fam.name()}
		if a, ok := fam.(aliased); ok {
			all = append(all, a.aliases()...)
		}
		for _, n := range all {
			if other, ok := seen[n]; ok {
				t.Errorf("%s names %s and %s", n, other, fam.name())
			}
			seen[n] = fam.name()
		}
	}
}

func TestToldDeviceIsTakenAndAWrongOneIsNoHarm(t *testing.T) {
	p := New()
	for device, want := range map[string]string{"": "openssh.sshd", "sshd": "openssh.sshd", "squid": "openssh.sshd", "unheard.of": "openssh.sshd"} {
		d := newDraft(benchSSHD)
		p.Parse(d, &Settings{Device: device})
		if got, _ := d.Get(event.YaguraParser); string(got) != want {
			t.Errorf("told %q: %s, want %s", device, got, want)
		}
	}
}

// Parsers share the families: each goroutine has its own parser and nothing else.
func TestParsersRunBesideEachOther(t *testing.T) {
	lines := []string{benchSSHD, benchSudo, bench5424, benchNetfiler, benchSquid, benchPostfix, benchWeb, benchBIND}
	want := make([]string, len(lines))
	for i, line := range lines {
		d := newDraft(line)
		New().Parse(d, nil)
		want[i] = headerOf(d)
	}
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			p := New()
			for range 50 {
				for i, line := range lines {
					d := newDraft(line)
					p.Parse(d, nil)
					if got := headerOf(d); got != want[i] {
						t.Errorf("got %s, want %s", got, want[i])
					}
				}
			}
		})
	}
	group.Wait()
}
