package alert

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestOnCallFile(t *testing.T) {
	list, err := LoadOnCall("testdata/oncall.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, step := range list.steps() {
		var names []string
		for _, p := range step {
			names = append(names, p.Name+" <"+p.Address+"> "+p.Language+" "+p.EscalateAfter.String()+" "+p.Hours.text)
		}
		got = append(got, strings.Join(names, " + "))
	}
	want := []string{
		"山田 太郎 <yamada@example.lg.jp> ja 10m0s mon-fri 08:30-17:15 + Sato <sato@example.lg.jp> en 15m0s ",
		"係長 <kakaricho@example.lg.jp>  30m0s ",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// Every *.bad.yaml has its errors beside it, all of them at once.
func TestOnCallErrors(t *testing.T) {
	files, err := filepath.Glob("testdata/*.bad.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	for _, path := range files {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		_, fault := ParseOnCall(filepath.Base(path), content)
		if fault == nil {
			t.Errorf("%s: accepted", path)
			continue
		}
		checkGolden(t, strings.TrimSuffix(filepath.Base(path), ".yaml")+".txt", []byte(fault.Error()+"\n"))
	}
	if _, err := ParseOnCall("big.yaml", make([]byte, maxList+1)); err == nil {
		t.Error("a file past the bound was accepted")
	}
}

func TestHours(t *testing.T) {
	monday := time.Date(2026, 11, 23, 0, 0, 0, 0, japan)
	for _, c := range []struct {
		hours, at string // day of the week 0 = Monday, and time
		want      bool
	}{
		{"mon-fri 08:30-17:15", "0 08:30", true},
		{"mon-fri 08:30-17:15", "0 08:29", false},
		{"mon-fri 08:30-17:15", "0 17:15", false},
		{"mon-fri 08:30-17:15", "5 12:00", false},
		{"fri-mon", "6 03:00", true},
		{"fri-mon", "2 03:00", false},
		{"sat,sun", "5 23:59", true},
		{"22:00-06:00", "2 23:00", true},
		{"22:00-06:00", "2 05:59", true},
		{"22:00-06:00", "2 06:00", false},
		{"fri 22:00-06:00", "5 05:00", true},
		{"fri 22:00-06:00", "4 05:00", false},
		{"08:00-24:00", "1 23:59", true},
		{"", "1 23:59", true},
	} {
		var h Hours
		if err := h.UnmarshalText([]byte(c.hours)); err != nil {
			t.Errorf("%s: %v", c.hours, err)
			continue
		}
		clock, err := time.Parse("15:04", c.at[2:])
		if err != nil {
			t.Fatal(err)
		}
		at := monday.AddDate(0, 0, int(c.at[0]-'0')).Add(time.Duration(clock.Hour())*time.Hour + time.Duration(clock.Minute())*time.Minute)
		if got := h.Covers(at); got != c.want {
			t.Errorf("%q at %s: %v", c.hours, c.at, got)
		}
	}
	for _, bad := range []string{" ", "always", "mon-", "8-17", "mon 25:00-26:00", "mon fri 08:00-09:00", "08:30-17:15 mon", "mon tue"} {
		if h, err := ParseHours(bad); err == nil {
			t.Errorf("%q: %+v", bad, h)
		}
	}
}

func FuzzOnCall(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.yaml")
	for _, path := range files {
		content, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		list, err := ParseOnCall("x.yaml", content)
		if err != nil {
			return
		}
		if len(list.People) == 0 {
			t.Error("nobody, and no error")
		}
		for _, p := range list.People {
			if _, err := header(p.Name + p.Address); err != nil || p.Address == "" {
				t.Errorf("%+v: %v", p, err)
			}
		}
	})
}
