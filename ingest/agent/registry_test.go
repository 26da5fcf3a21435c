package agent

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func registryIn(t *testing.T, folder string) *Registry {
	t.Helper()
	r, err := OpenRegistry(folder, quiet)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTheRegistryKeepsNoToken(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "agents")
	r := registryIn(t, folder)
	if _, err := os.Stat(folder); err == nil {
		t.Error("a folder was made by reading")
	}
	token, err := r.Issue(Entry{Name: "web01", Kind: KindToken})
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(folder, "registry.json"))
	if err != nil || strings.Contains(string(text), strings.TrimPrefix(token, Prefix)) {
		t.Errorf("%v %s", err, text)
	}
	if info, err := os.Stat(filepath.Join(folder, "registry.json")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	if e, ok := r.Find(token); !ok || e.SourceName() != "web01" {
		t.Errorf("%+v %v", e, ok)
	}
	if len(token) < len(Prefix)+43 {
		t.Errorf("%q is short", token)
	}
}

func TestNamesOfTheRegistry(t *testing.T) {
	r := registryIn(t, t.TempDir())
	for _, name := range []string{"", "a b", "é", strings.Repeat("x", 65), "../x"} {
		if _, err := r.Issue(Entry{Name: name, Kind: KindToken}); !errors.Is(err, ErrName) {
			t.Errorf("%q: %v", name, err)
		}
	}
	first, err := r.Issue(Entry{Name: "2001:db8::1", Kind: KindToken})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Issue(Entry{Name: "2001:db8::1", Kind: KindToken}); !errors.Is(err, ErrName) {
		t.Errorf("a name twice: %v", err)
	}
	if err := r.Revoke("2001:db8::1"); err != nil {
		t.Fatal(err)
	}
	if err := r.Revoke("2001:db8::1"); !errors.Is(err, ErrNoEntry) {
		t.Errorf("revoked twice: %v", err)
	}
	if _, ok := r.Find(first); ok {
		t.Error("a revoked token is good")
	}
	if _, err := r.Issue(Entry{Name: "2001:db8::1", Kind: KindToken}); err != nil {
		t.Errorf("a revoked name cannot be given again: %v", err)
	}
	if _, ok := r.Find(first); ok {
		t.Error("the old token is good again")
	}
	old, err := r.Issue(Entry{Name: "old", Kind: KindToken, Expires: time.Now().Add(-time.Second)})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := r.Find(old); ok {
		t.Error("an expired token is good")
	}
}

// Several processes work on one file: none loses what another has written.
func TestTheRegistryIsShared(t *testing.T) {
	folder := t.TempDir()
	var all sync.WaitGroup
	for process := range 4 {
		r := registryIn(t, folder)
		all.Go(func() {
			for i := range 10 {
				if _, err := r.Issue(Entry{Name: fmt.Sprintf("p%d-%d", process, i), Kind: KindToken}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if list, err := registryIn(t, folder).List(); err != nil || len(list) != 40 {
		t.Errorf("%d entries, %v", len(list), err)
	}
}

func TestAOneTimeTokenIsSpentOnce(t *testing.T) {
	folder := t.TempDir()
	r := registryIn(t, folder)
	token, err := r.Issue(Entry{Name: "new-host", Kind: KindEnrol})
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	spent := 0
	for range 8 {
		other := registryIn(t, folder)
		all.Go(func() {
			e, ok, err := other.Spend(token)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			if ok && e.Name == "new-host" {
				spent++
			}
		})
	}
	all.Wait()
	if spent != 1 {
		t.Errorf("spent %d times", spent)
	}
}

func TestABrokenRegistry(t *testing.T) {
	folder := t.TempDir()
	r := registryIn(t, folder)
	token, err := r.Issue(Entry{Name: "web01", Kind: KindToken})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(r.path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenRegistry(folder, quiet); err == nil || !strings.Contains(err.Error(), "registry.json") {
		t.Errorf("a start: %v", err)
	}
	r.looked = time.Time{}
	if _, ok := r.Find(token); !ok {
		t.Error("what was known is forgotten when the file breaks")
	}
}
