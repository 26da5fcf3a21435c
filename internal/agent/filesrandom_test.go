package agent

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestAnyOrderOfRotations lets a program write and rotate, and an agent poll, commit
// and be killed, in any order: each line comes once.
func TestAnyOrderOfRotations(t *testing.T) {
	for seed := range uint64(60) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 7))
			h := newHost(t, filesInput(t, FilesConfig{}, "*.log"))
			h.want()
			var got, done []string
			n, rotations, seen, wrote := 0, 0, false, false
			note := func(format string, a ...any) { done = append(done, fmt.Sprintf(format, a...)) }
			for range 60 {
				switch r.IntN(9) {
				case 0, 1, 2, 3:
					k := 1 + r.IntN(9)
					h.append("app.log", numbered(n+1, n+k)...)
					note("write %d-%d", n+1, n+k)
					n, wrote = n+k, true
				case 4:
					if _, err := os.Stat(h.path("app.log")); err != nil {
						continue
					}
					rotations++
					to := fmt.Sprintf("app-%d.log", rotations)
					if seen && r.IntN(2) == 0 { // what no pattern names must have been seen before
						to = fmt.Sprintf("app.log.%d", rotations)
					}
					if r.IntN(2) == 0 {
						h.rename("app.log", to)
						note("rename %s", to)
					} else {
						h.copy("app.log", to)
						h.truncate("app.log")
						note("copy %s", to)
					}
					seen, wrote = false, false
				case 5:
					h.restart()
					note("kill")
				default:
					lines := h.lines()
					seen = wrote
					note("read %d", len(lines))
					got = append(got, lines...)
				}
			}
			for range 3 {
				got = append(got, h.lines()...)
			}
			slices.Sort(got)
			want := numbered(1, n)
			slices.Sort(want)
			if strings.Join(got, "\n") != strings.Join(want, "\n") {
				t.Errorf("%d lines, %d came\n%s", n, len(got), strings.Join(done, "\n"))
			}
		})
	}
}
