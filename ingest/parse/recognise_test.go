package parse

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"yagura/internal/event"
)

// sureOf is a family that is as sure of every line as it says.
type sureOf struct {
	title string
	sure  int
}

func (s sureOf) name() string       { return s.title }
func (s sureOf) match(*Line) int    { return s.sure }
func (s sureOf) parse(l *Line) bool { return true }

// The surest family is believed when it is certain, or surer than all others by a
// margin; else generic reads the line, and the line is counted.
func TestSurestByAMargin(t *testing.T) {
	for _, c := range []struct {
		name      string
		sure      []int
		want      string
		ambiguous uint64
	}{
		{"one", []int{60}, "0", 0}, {"none likely", []int{29, 10}, "", 0}, {"surer", []int{60, 40}, "0", 0}, {"surer, later", []int{40, 60}, "1", 0},
		{"equal", []int{60, 60}, "", 1}, {"nearly", []int{60, 56}, "", 1}, {"nearly, later", []int{56, 60}, "", 1}, {"by the margin", []int{60, 55}, "0", 0},
		{"certain", []int{94, 95}, "1", 0}, {"certain first", []int{100, 99}, "0", 0}, {"the second is not likely", []int{31, 29}, "0", 0},
		{"third is near", []int{50, 20, 48}, "", 1}, {"two behind", []int{50, 50, 70}, "2", 0},
	} {
		f := newFamilies()
		f.all = nil
		for i, sure := range c.sure {
			f.all = append(f.all, sureOf{string(rune('0' + i)), sure})
		}
		f.arrange()
		p := (&Set{f}).New()
		d := newDraft("<13>Nov 24 11:15:42 h app: hello")
		p.Parse(d, nil)
		got, _ := d.Get(event.YaguraParser)
		if set := (&Set{f}); string(got) != c.want || set.Ambiguous() != c.ambiguous {
			t.Errorf("%s: %q, %d ambiguous; want %q, %d", c.name, got, set.Ambiguous(), c.want, c.ambiguous)
		}
	}
}

// A family that is asked about some lines only is sure of no others.
func TestReachLeavesNothingOut(t *testing.T) {
	f := newFamilies()
	for _, fam := range f.all {
		limited, ok := fam.(reacher)
		if !ok || limited.reach() != reachOwn {
			continue
		}
		tagged, ok := fam.(tagged)
		if !ok {
			t.Errorf("%s has no tags", fam.name())
			continue
		}
		for _, tag := range tagged.tags() {
			if f.tags[tag] != fam {
				t.Errorf("%s: the tag %q is another's", fam.name(), tag)
			}
		}
	}
	for _, kind := range []string{"devices", "hosts"} {
		for _, line := range goldenLines(t, kind) {
			var l Line
			p := New()
			d := newDraft(line)
			l = Line{Draft: d, Zone: p.zone, scratch: p}
			l.Whole, l.Body = d.Text(), d.Text()
			p.header(&l)
			asked := f.asked(&l)
			for _, fam := range f.all {
				own := len(l.Tag) > 0 && f.tags[string(program(l.Tag))] == fam
				if !own && !slices.Contains(asked, fam) && !jsonAhead(l.Body) && fam.match(&l) > 0 {
					t.Errorf("%s is not asked about %s", fam.name(), line)
				}
			}
		}
	}
}

func goldenLines(t *testing.T, kind string) (lines []string) {
	t.Helper()
	files, _ := filepath.Glob("testdata/" + kind + "/*.txt")
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			if !strings.HasPrefix(line, "= ") && !strings.HasPrefix(line, "#") {
				lines = append(lines, strings.TrimSuffix(line, "\n"))
			}
		}
	}
	return lines
}
