package parse

import (
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
		p := (&Set{f}).New()
		d := newDraft("<13>Nov 24 11:15:42 h app: hello")
		p.Parse(d, nil)
		got, _ := d.Get(event.YaguraParser)
		if set := (&Set{f}); string(got) != c.want || set.Ambiguous() != c.ambiguous {
			t.Errorf("%s: %q, %d ambiguous; want %q, %d", c.name, got, set.Ambiguous(), c.want, c.ambiguous)
		}
	}
}
