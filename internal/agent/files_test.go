package agent

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func filesInput(t *testing.T, cfg FilesConfig, patterns ...string) func(dir string) Input {
	return func(dir string) Input {
		for _, p := range patterns {
			cfg.Patterns = append(cfg.Patterns, filepath.Join(dir, p))
		}
		f, err := NewFiles(cfg, quiet())
		if err != nil {
			t.Fatal(err)
		}
		cfg.Patterns = nil
		return f
	}
}

func (h *host) want(lines ...string) {
	h.Helper()
	if d := cmp.Diff(lines, h.lines()); d != "" {
		h.Error(d)
	}
}

// age lets a file have been silent for d.
func (h *host) age(d time.Duration) {
	for _, f := range h.in.(*Files).files {
		f.grew = f.grew.Add(-d)
		f.until = f.until.Add(-d)
	}
}

func numbered(from, to int) (lines []string) {
	for i := from; i <= to; i++ {
		lines = append(lines, fmt.Sprintf("Nov 25 10:%02d:%02d gate app[7]: line %d", i/60%60, i%60, i))
	}
	return lines
}

func TestNewFilesAreReadFromTheirBeginning(t *testing.T) {
	h := newHost(t, filesInput(t, FilesConfig{}, "*.log"))
	h.append("old.log", "before the agent")
	h.want()
	h.append("old.log", "one")
	h.append("new.log", "two", "", "three\r")
	h.append("new.log.gz", "no")
	h.want("two", "three", "one")
	h.restart()
	h.append("later.log", "four")
	h.want("four")
}

func TestABeginningIsReadWhereAsked(t *testing.T) {
	h := newHost(t, filesInput(t, FilesConfig{Beginning: true}, "*.log"))
	h.append("old.log", "zero")
	h.want("zero")
}

func TestRotationByRename(t *testing.T) {
	for _, name := range []string{"app.log.1", "app-20261125.log"} { // the second is named by the pattern, too
		t.Run(name, func(t *testing.T) {
			h := newHost(t, filesInput(t, FilesConfig{}, "*.log"))
			h.want()
			h.append("app.log", numbered(1, 3)...)
			h.want(numbered(1, 3)...)
			h.append("app.log", numbered(4, 5)...)
			h.rename("app.log", name)
			h.append(name, numbered(6, 6)...) // the program has it open still
			h.append("app.log", numbered(7, 8)...)
			h.want(numbered(4, 8)...)
			h.append(name, numbered(9, 9)...)
			h.want(numbered(9, 9)...)
		})
	}
}

func TestRotationWhileTheAgentIsAway(t *testing.T) {
	h := newHost(t, filesInput(t, FilesConfig{}, "*.log"))
	h.want()
	h.append("app.log", numbered(1, 3)...)
	h.want(numbered(1, 3)...)
	h.append("app.log", numbered(4, 5)...)
	h.end()
	h.rename("app.log", "app.log.1")
	h.append("app.log", numbered(6, 7)...)
	h.begin()
	h.want(numbered(4, 7)...)
}

func TestRotationByCopyAndCut(t *testing.T) {
	for _, name := range []string{"app.log.1", "app-1.log"} {
		for _, away := range []bool{false, true} {
			t.Run(fmt.Sprint(name, away), func(t *testing.T) {
				h := newHost(t, filesInput(t, FilesConfig{}, "*.log"))
				h.want()
				h.append("app.log", numbered(1, 3)...)
				h.want(numbered(1, 3)...)
				h.append("app.log", numbered(4, 5)...)
				if away {
					h.end()
				}
				h.copy("app.log", name)
				h.truncate("app.log")
				h.append("app.log", numbered(6, 6)...)
				if away {
					h.begin()
				}
				got := h.lines()
				got = append(got, h.lines()...)
				if d := cmp.Diff(strings.Join(numbered(4, 6), "\n"), strings.Join(sorted(got), "\n")); d != "" {
					t.Error(d)
				}
				h.append("app.log", numbered(7, 7)...)
				h.want(numbered(7, 7)...)
			})
		}
	}
}

func sorted(lines []string) []string {
	out := append([]string(nil), lines...)
	for i := range out {
		for j := i; j > 0 && out[j] < out[j-1]; j-- {
			out[j], out[j-1] = out[j-1], out[j]
		}
	}
	return out
}

func TestACutFileThatHasGrownAgainIsSeen(t *testing.T) {
	h := newHost(t, filesInput(t, FilesConfig{}, "*.log"))
	h.want()
	h.append("app.log", numbered(1, 3)...)
	h.want(numbered(1, 3)...)
	h.truncate("app.log")
	h.append("app.log", numbered(10, 40)...)
	h.want(numbered(10, 40)...)
}

func TestACopyThatSomebodyKeepsIsNotReadAgain(t *testing.T) {
	h := newHost(t, filesInput(t, FilesConfig{}, "*.log"))
	h.want()
	h.append("app.log", numbered(1, 30)...)
	h.want(numbered(1, 30)...)
	h.copy("app.log", "kept.log")
	h.want()
	h.age(time.Minute)
	h.want()
	h.append("app.log", numbered(31, 31)...)
	h.append("kept.log", "its own")
	h.want(numbered(31, 31)[0], "its own")
}

func TestADeletedFileIsReadToItsEnd(t *testing.T) {
	h := newHost(t, filesInput(t, FilesConfig{}, "*.log"))
	h.want()
	h.append("app.log", numbered(1, 1)...)
	h.want(numbered(1, 1)...)
	h.append("app.log", numbered(2, 3)...)
	if err := os.Remove(h.path("app.log")); err != nil {
		t.Fatal(err)
	}
	h.want(numbered(2, 3)...)
	h.age(2 * goneAfter)
	h.want()
	if n := len(h.in.(*Files).files); n != 0 {
		t.Errorf("%d files are followed", n)
	}
	if n := len(h.spool.Marks()); n != 1 {
		t.Errorf("%v", h.spool.Marks())
	}
}

func TestPartialLinesWait(t *testing.T) {
	h := newHost(t, filesInput(t, FilesConfig{}, "*.log"))
	h.want()
	h.write("app.log", "whole\nhal", os.O_APPEND)
	h.want("whole")
	h.write("app.log", "f\nprompt: ", os.O_APPEND)
	h.want("half")
	h.age(2 * time.Minute)
	h.want("prompt: ")
	h.write("app.log", "yes\n", os.O_APPEND)
	h.want("yes")
}

func TestALongLineIsCutAndSaysSo(t *testing.T) {
	long := strings.Repeat("x", 2*MaxRaw+77)
	h := newHost(t, filesInput(t, FilesConfig{}, "*.log"))
	h.want()
	h.append("app.log", "before", long, "after")
	h.poll()
	h.commit()
	var b Batch
	if err := h.spool.Read(&b); err != nil {
		t.Fatal(err)
	}
	all := records(t, b.Body)
	if len(all) != 3 || len(all[1].Raw) != MaxRaw || all[1].Original != len(long) || string(all[2].Raw) != "after" || all[1].Offset != 7 {
		t.Errorf("%d records, %d of %d bytes", len(all), len(all[1].Raw), all[1].Original)
	}
}

func TestManyLinesThatAreOne(t *testing.T) {
	trace := "2026-11-25 10:00:01 ERROR fault\n  at a.b(C.java:1)\n  at a.c(C.java:2)"
	for name, cfg := range map[string]FilesConfig{
		"start":    {Start: regexp.MustCompile(`^\d{4}-`)},
		"indented": {Indented: true},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t, filesInput(t, cfg, "*.log"))
			h.want()
			h.append("app.log", trace, "2026-11-25 10:00:02 INFO next")
			h.want(trace)
			h.restart()
			h.append("app.log", "  and its rest")
			h.want()
			h.age(2 * groupQuiet)
			h.want("2026-11-25 10:00:02 INFO next\n  and its rest")
			h.append("app.log", "2026-11-25 10:00:03 INFO last")
			h.want()
			h.age(2 * groupQuiet)
			h.want("2026-11-25 10:00:03 INFO last")
		})
	}
	t.Run("bounds", func(t *testing.T) {
		h := newHost(t, filesInput(t, FilesConfig{Start: regexp.MustCompile("^never"), MaxLines: 3}, "*.log"))
		h.want()
		h.append("app.log", "a", "b", "c", "d", "e", "f", "g")
		h.want("a\nb\nc", "d\ne\nf")
	})
}

func wide(s string, big bool) string {
	var b strings.Builder
	for _, r := range s {
		lo, hi := byte(r), byte(r>>8)
		if big {
			lo, hi = hi, lo
		}
		b.WriteByte(lo)
		b.WriteByte(hi)
	}
	return b.String()
}

func TestEncodings(t *testing.T) {
	sjis := "\x83\x8d\x83O\r\n" // ログ
	for name, c := range map[string]struct{ encoding, text, want, from string }{
		"utf-16le with a mark":  {"", wide("\ufeffログ\r\nＡ上\n", false), "ログ|Ａ上", "utf-16le"},
		"utf-16be with a mark":  {"", wide("\ufeffログ\nＡ\n", true), "ログ|Ａ", "utf-16be"},
		"utf-16le by name":      {"utf-16le", wide("ログ\n", false), "ログ", "utf-16le"},
		"cp932 stays":           {"", sjis, "\x83\x8d\x83O", ""},
		"cp932 by name":         {"cp932", sjis, "ログ", "cp932"},
		"not what it is called": {"euc-jp", sjis, "\x83\x8d\x83O", ""},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t, filesInput(t, FilesConfig{Encoding: c.encoding}, "*.log"))
			h.want()
			h.write("app.log", c.text, os.O_APPEND)
			h.poll()
			h.commit()
			var b Batch
			if err := h.spool.Read(&b); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range records(t, b.Body) {
				got = append(got, string(r.Raw))
				if r.Encoding != c.from {
					t.Errorf("from %q", r.Encoding)
				}
			}
			if d := cmp.Diff(c.want, strings.Join(got, "|")); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestAnUncommittedPollIsReadAgain(t *testing.T) {
	h := newHost(t, filesInput(t, FilesConfig{}, "*.log"))
	h.want()
	h.append("app.log", numbered(1, 5)...)
	h.poll()
	h.restart()
	h.want(numbered(1, 5)...)
}

func TestHolesAfterACut(t *testing.T) {
	h := newHost(t, filesInput(t, FilesConfig{}, "*.log"))
	h.want()
	h.append("app.log", numbered(1, 5)...)
	h.want(numbered(1, 5)...)
	h.write("app.log", strings.Repeat("\x00", 900)+"after\n", os.O_TRUNC)
	h.want("after")
}

func TestFewFilesAreOpenAtOnce(t *testing.T) {
	h := newHost(t, filesInput(t, FilesConfig{MaxOpen: 3}, "*.log"))
	h.want()
	for round := range 3 {
		n := 0
		for i := range 20 {
			h.append(fmt.Sprintf("%02d.log", i), fmt.Sprint(round, i))
		}
		for range 8 {
			n += len(h.lines())
		}
		open := 0
		for _, f := range h.in.(*Files).files {
			if f.handle != nil {
				open++
			}
		}
		if n != 20 || open > 3 {
			t.Errorf("round %d: %d lines, %d open files", round, n, open)
		}
	}
}

func TestAFullSpoolLosesNothing(t *testing.T) {
	h := newHost(t, filesInput(t, FilesConfig{}, "*.log"))
	h.want()
	const n = 400_000
	h.append("app.log", numbered(1, n)...)
	h.spool.max = 16 << 20
	h.in.(*Files).scanned = time.Time{}.Add(1)
	read := 0
	for range 1000 {
		for !h.spool.Full() && h.in.Poll(t.Context(), &Sink{spool: h.spool}) {
			h.commit()
		}
		h.commit()
		if got := h.spool.State().Bytes; got > 18<<20 {
			t.Fatalf("the spool holds %d bytes", got)
		}
		got := 0
		for range 3 { // some of it is taken
			var b Batch
			if err := h.spool.Read(&b); err != nil {
				t.Fatal(err)
			}
			if b.Count == 0 {
				break
			}
			got += b.Count
			if err := h.spool.Ack(b.First + uint64(b.Count) - 1); err != nil {
				t.Fatal(err)
			}
		}
		if read += got; read == n {
			return
		}
	}
	t.Errorf("%d of %d lines", read, n)
}
