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

func openSpool(t *testing.T, dir string, max int64) *Spool {
	t.Helper()
	s, err := OpenSpool(dir, max, quiet())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func add(s *Spool, from, to int, size int) {
	for i := from; i <= to; i++ {
		s.Add(&Record{Input: "test", Read: time.Unix(1, 0), Raw: []byte(fmt.Sprintf("%d%s", i, strings.Repeat(" x", size/2)))})
	}
}

func commitMark(t *testing.T, s *Spool, mark string) {
	t.Helper()
	if err := s.Commit(map[string]string{"m": mark}); err != nil {
		t.Fatal(err)
	}
}

// drain reads numbers and the first words of all that is not read.
func drain(t *testing.T, s *Spool) (numbers []uint64, words []string) {
	t.Helper()
	var b Batch
	for {
		if err := s.Read(&b); err != nil {
			t.Fatal(err)
		}
		if b.Count == 0 {
			return numbers, words
		}
		for i, r := range records(t, b.Body) {
			word, _, _ := strings.Cut(string(r.Raw), " ")
			numbers, words = append(numbers, b.First+uint64(i)), append(words, word)
		}
	}
}

func TestWhatIsNotCommittedNeverCounted(t *testing.T) {
	dir := t.TempDir()
	s := openSpool(t, dir, 1<<30)
	add(s, 1, 3, 0)
	commitMark(t, s, "3")
	base, _ := s.Base()
	add(s, 4, 5, 0)
	_ = s.Close()

	s = openSpool(t, dir, 1<<30)
	if got := s.Marks()["m"]; got != "3" {
		t.Errorf("mark %q", got)
	}
	add(s, 40, 40, 0)
	commitMark(t, s, "40")
	numbers, words := drain(t, s)
	if d := cmp.Diff([]uint64{1, 2, 3, 4}, numbers); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"1", "2", "3", "40"}, words); d != "" {
		t.Error(d)
	}
	if again, _ := s.Base(); again != base || base < 1<<50 || base >= 1<<53 {
		t.Errorf("base %d, then %d", base, again)
	}
}

func TestATornTailIsCut(t *testing.T) {
	whole := t.TempDir()
	s := openSpool(t, whole, 1<<30)
	add(s, 1, 2, 0)
	commitMark(t, s, "2")
	first := s.segments[0].size
	add(s, 3, 4, 0)
	commitMark(t, s, "4")
	path := s.segments[0].path
	_ = s.Close()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for cut := int(first); cut <= len(text); cut++ {
		for _, garbage := range []string{"", "\x00\x00\x00\x00\x00\x00\x00\x00\x00", strings.Repeat("\xff", 40)} {
			if cut == len(text) && garbage == "" {
				continue
			}
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, filepath.Base(path)), append(text[:cut:cut], garbage...), 0o600); err != nil {
				t.Fatal(err)
			}
			s := openSpool(t, dir, 1<<30)
			want, mark := []string{"1", "2", "9"}, "2"
			if cut == len(text) {
				want, mark = []string{"1", "2", "3", "4", "9"}, "4"
			}
			if got := s.Marks()["m"]; got != mark {
				t.Errorf("cut %d: mark %q", cut, got)
			}
			add(s, 9, 9, 0)
			commitMark(t, s, "9")
			if _, words := drain(t, s); cmp.Diff(want, words) != "" {
				t.Errorf("cut %d: %v", cut, words)
			}
			_ = s.Close()
		}
	}
}

func TestSegmentsComeAndGo(t *testing.T) {
	dir := t.TempDir()
	s := openSpool(t, dir, 40<<20)
	for i := range 30 {
		add(s, i*1000+1, i*1000+1000, 1000)
		commitMark(t, s, fmt.Sprint(i))
	}
	if n := len(s.segments); n < 3 {
		t.Fatalf("%d segments", n)
	}
	_ = s.Close()
	s = openSpool(t, dir, 40<<20)
	numbers, words := drain(t, s)
	if len(numbers) != 30_000 || numbers[29_999] != 30_000 || words[29_999] != "30000" {
		t.Fatalf("%d records", len(numbers))
	}
	if err := s.Ack(20_000); err != nil {
		t.Fatal(err)
	}
	s.Rewind()
	if numbers, _ := drain(t, s); len(numbers) != 10_000 || numbers[0] != 20_001 {
		t.Fatalf("%d records from %d", len(numbers), numbers[0])
	}
	if err := s.Ack(30_000); err != nil || len(s.segments) != 1 {
		t.Errorf("%v, %d segments", err, len(s.segments))
	}
	commitMark(t, s, "end")
	_ = s.Close()
	s = openSpool(t, dir, 40<<20)
	if st := s.State(); st.Records != 0 || s.Marks()["m"] != "end" {
		t.Errorf("%+v %v", st, s.Marks())
	}
}

func TestAFullSpoolTakesNothing(t *testing.T) {
	s := openSpool(t, t.TempDir(), 3<<20)
	to := &Sink{spool: s}
	n := 0
	for range 10_000 {
		if to.Put(&Record{Raw: make([]byte, 1000)}) {
			n++
			continue
		}
		if s.Full() {
			break
		}
		commitMark(t, s, "x")
	}
	if st := s.State(); n < 2500 || n > 3500 || !s.Full() {
		t.Errorf("%d records, %+v", n, st)
	}
	commitMark(t, s, "x")
	if numbers, _ := drain(t, s); len(numbers) != n {
		t.Errorf("%d of %d records", len(numbers), n)
	}
}

func TestADamagedSegmentLosesOnlyItsRest(t *testing.T) {
	dir := t.TempDir()
	s := openSpool(t, dir, 1<<30)
	for i := range 10 {
		add(s, i*1000+1, i*1000+1000, 1000)
		commitMark(t, s, "x")
	}
	first, second := s.segments[0], s.segments[1]
	_ = s.Close()
	f, err := os.OpenFile(first.path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt([]byte("!!!!"), 50_000); err != nil {
		t.Fatal(err)
	}
	_ = f.Close()
	s = openSpool(t, dir, 1<<30)
	numbers, _ := drain(t, s)
	if len(numbers) < 40 || numbers[len(numbers)-1] != 10_000 || numbers[0] != 1 || s.State().Damaged != 1 {
		t.Errorf("%d records, %+v", len(numbers), s.State())
	}
	at := 0
	for numbers[at] < second.first {
		at++
	}
	if numbers[at] != second.first {
		t.Errorf("the next segment begins with %d, not %d", numbers[at], second.first)
	}
}

func TestWhatCannotBeWrittenWaits(t *testing.T) {
	dir := t.TempDir()
	s := openSpool(t, dir, 1<<30)
	add(s, 1, 2, 0)
	commitMark(t, s, "2")
	file := s.file
	broken, err := os.Open(file.Name()) // cannot be written
	if err != nil {
		t.Fatal(err)
	}
	s.file = broken
	add(s, 3, 3, 0)
	if err := s.Commit(map[string]string{"m": "3"}); err == nil {
		t.Fatal("no error")
	}
	if !s.Heavy() || (&Sink{spool: s}).Put(&Record{}) {
		t.Error("it takes more")
	}
	s.file = file
	if err := s.Commit(nil); err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
	s = openSpool(t, dir, 1<<30)
	if _, words := drain(t, s); cmp.Diff([]string{"1", "2", "3"}, words) != "" || s.Marks()["m"] != "3" {
		t.Errorf("%v %v", words, s.Marks())
	}
}
