// Package demo holds attack stories as devices would log them, for trying yagura
// out and for its end-to-end tests. Addresses are documentation ranges (RFC 5737)
// and private ones; names are invented.
//
// A story is a text file. Lines that begin with # describe it ("# title: …"). The
// others are "+SECONDS [xTIMES/STEP] MESSAGE": sent SECONDS after the start, TIMES
// times, STEP seconds apart. In the message {bsd}, {iso}, {epoch}, {date}, {time}
// and {ns} are the line's time, {i} counts the repeats from 1, {port} is a port
// derived from it, {pid} a process id.
package demo

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:embed stories/*.story
var files embed.FS

// Story is one bundled story.
type Story struct {
	Name    string // file name without its suffix: "ssh_bruteforce"
	Title   string
	TitleJA string
	Clauses []string // policy clauses
	Rules   []string // ids of rules that must raise an alert
	steps   []step
}

type step struct {
	at, every time.Duration
	times     int
	text      string
}

// Line is a message at its time.
type Line struct {
	Time time.Time
	Text string
}

// Stories returns all bundled stories, sorted by name.
func Stories() ([]Story, error) {
	names, err := fs.Glob(files, "stories/*.story")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var all []Story
	for _, name := range names {
		text, err := files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		s, err := parse(strings.TrimSuffix(path.Base(name), ".story"), string(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, s)
	}
	return all, nil
}

func parse(name, text string) (Story, error) {
	s := Story{Name: name}
	for i, line := range strings.Split(text, "\n") {
		if err := s.line(line); err != nil {
			return s, fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	return s, nil
}

func (s *Story) line(line string) error {
	if head, ok := strings.CutPrefix(line, "#"); ok {
		key, value, _ := strings.Cut(head, ":")
		value = strings.TrimSpace(value)
		switch strings.TrimSpace(key) {
		case "title":
			s.Title = value
		case "ja":
			s.TitleJA = value
		case "clauses":
			s.Clauses = strings.Fields(value)
		case "rules":
			s.Rules = strings.Fields(value)
		}
		return nil
	}
	if strings.TrimSpace(line) == "" {
		return nil
	}
	st, err := parseStep(line)
	s.steps = append(s.steps, st)
	return err
}

func parseStep(line string) (st step, err error) {
	at, rest, ok := strings.Cut(line, " ")
	st.times = 1
	if st.at, err = seconds(at); !ok || err != nil || at[0] != '+' {
		return st, errors.New("want +SECONDS first")
	}
	if repeat, more, _ := strings.Cut(rest, " "); strings.HasPrefix(repeat, "x") && strings.Contains(repeat, "/") {
		n, every, _ := strings.Cut(repeat[1:], "/")
		if st.times, err = strconv.Atoi(n); err != nil {
			return st, err
		}
		if st.every, err = seconds(every); err != nil {
			return st, err
		}
		rest = more
	}
	st.text = rest
	return st, nil
}

func seconds(s string) (time.Duration, error) {
	f, err := strconv.ParseFloat(s, 64)
	return time.Duration(f * float64(time.Second)), err
}

// Span is the time from the first line to the last.
func (s Story) Span() (d time.Duration) {
	for _, st := range s.steps {
		d = max(d, st.at+time.Duration(st.times-1)*st.every)
	}
	return d
}

// Lines returns the story's messages as they would be logged when it ends at the
// given time, in the order of their times. Times are written in end's zone.
func (s Story) Lines(end time.Time) []Line {
	start := end.Add(-s.Span())
	var all []Line
	for _, st := range s.steps {
		for i := range st.times {
			t := start.Add(st.at + time.Duration(i)*st.every)
			all = append(all, Line{t, fill(st.text, t, i)})
		}
	}
	slices.SortStableFunc(all, func(a, b Line) int { return a.Time.Compare(b.Time) })
	return all
}

func fill(text string, t time.Time, i int) string {
	return strings.NewReplacer(
		"{bsd}", t.Format(time.Stamp), "{iso}", t.Format("2006-01-02T15:04:05.000000Z07:00"),
		"{epoch}", strconv.FormatFloat(float64(t.UnixMilli())/1000, 'f', 3, 64), "{sec}", strconv.FormatInt(t.Unix(), 10),
		"{ns}", strconv.FormatInt(t.UnixNano(), 10), "{utc}", t.UTC().Format("2006-01-02T15:04:05.000Z"),
		"{date}", t.Format("2006-01-02"), "{time}", t.Format("15:04:05"),
		"{i}", strconv.Itoa(i+1), "{port}", strconv.Itoa(40000+(i*97)%20000), "{pid}", strconv.Itoa(1000+i),
	).Replace(text)
}
