package agent

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// journalctl stands in for the program: it prints entries of a file from the cursor
// on, and notes how it was called.
const journalctl = `#!/bin/sh
echo "$@" >>"%[1]s/calls"
after=0
for a; do case "$a" in --after-cursor=*) after=${a#--after-cursor=c};; esac; done
i=0
while read -r line; do i=$((i+1)); [ "$i" -gt "$after" ] && printf '%%s\n' "$line"; done <"%[1]s/entries"
exec sleep 100
`

func TestTheJournalGoesOnAtItsCursor(t *testing.T) {
	dir := t.TempDir()
	entry := func(i int) string {
		return fmt.Sprintf(`{"__CURSOR":"c%d","MESSAGE":"entry %d says \"__CURSOR\":\"x\"","_PID":"7"}`, i, i)
	}
	put := func(n int) {
		var all []string
		for i := range n {
			all = append(all, entry(i+1))
		}
		if err := os.WriteFile(filepath.Join(dir, "entries"), []byte(strings.Join(all, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	program := filepath.Join(dir, "journalctl")
	if err := os.WriteFile(program, fmt.Appendf(nil, journalctl, dir), 0o700); err != nil {
		t.Fatal(err)
	}
	h := newHost(t, func(string) Input {
		return NewJournal(JournalConfig{Units: []string{"ssh.service"}, Command: program}, quiet())
	})
	want := func(lines ...string) {
		t.Helper()
		var got []string
		for deadline := time.Now().Add(20 * time.Second); len(got) < len(lines) && time.Now().Before(deadline); {
			got = append(got, h.lines()...)
			time.Sleep(5 * time.Millisecond)
		}
		if d := cmp.Diff(lines, got); d != "" {
			t.Error(d)
		}
	}
	put(2)
	want(entry(1), entry(2))
	h.restart()
	put(3)
	want(entry(3))
	calls, err := os.ReadFile(filepath.Join(dir, "calls"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(calls)), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], "--lines=0") || !strings.Contains(lines[1], "--no-tail --after-cursor=c2 --unit=ssh.service") {
		t.Errorf("%s", calls)
	}
}
