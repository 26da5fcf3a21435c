package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"yagura/cmd/yagura/config"
	"yagura/deploy/demo"
)

type sendCmd struct {
	To       string     `help:"Where to: udp:HOST:PORT, tcp:HOST:PORT (octet-counted), tcp-lf:HOST:PORT (lines), tls:HOST:PORT, relp:HOST:PORT (counts what is on yagura's disk) or unix:PATH; tls://HOST:PORT and the like are the same." default:"tcp:127.0.0.1:5514" placeholder:"ADDR"`
	Story    []string   `help:"Bundled story; may be repeated; all for every one. --list shows them." placeholder:"NAME"`
	List     bool       `help:"List the bundled stories."`
	Rate     int        `help:"Messages a second; 0 sends as fast as the receiver takes them." placeholder:"N"`
	Repeat   int        `help:"Send everything this many times." default:"1" placeholder:"N"`
	Timezone string     `help:"Zone of the times in the stories: that of the receiver." default:"Asia/Tokyo" placeholder:"ZONE"`
	Numbers  bool       `help:"Send --repeat numbered lines of our own, for measuring loss."`
	TLS      tlsOptions `embed:""`
	Files    []string   `arg:"" optional:"" help:"Files with one message a line; - is standard input." name:"FILE"`
}

// Run sends and says what it sent.
func (c *sendCmd) Run(r *run) error {
	if c.List {
		return listStories(r.Out)
	}
	messages, err := c.messages(r.In)
	if err != nil {
		return err
	}
	s, err := dial(r.ctx, c.To, c.TLS)
	if err != nil {
		return err
	}
	n, err := s.all(r.ctx, messages, c.Rate, newProgress(r.Err, "sent"))
	if cerr := s.close(); err == nil {
		err = cerr
	}
	fmt.Fprintf(r.Err, "sent %d messages to %s\n", n, c.To)
	return err
}

func listStories(w io.Writer) error {
	stories, err := demo.Stories()
	out := bufio.NewWriter(w)
	for _, s := range stories {
		fmt.Fprintf(out, "%-24s %s / %s\n", s.Name, s.Title, s.TitleJA)
	}
	return errors.Join(err, out.Flush())
}

// messages returns a function that yields one message after the other and io.EOF.
func (c *sendCmd) messages(in io.Reader) (func() (string, error), error) {
	switch {
	case c.Numbers:
		return numbered(c.Repeat), nil
	case len(c.Files) > 0 && len(c.Story) > 0:
		return nil, invalid{errors.New("name stories or files, not both")}
	case len(c.Files) > 0:
		return c.fromFiles(in)
	}
	zone, err := time.LoadLocation(c.Timezone)
	if err != nil {
		return nil, invalid{fmt.Errorf("--timezone %s: unknown", c.Timezone)}
	}
	lines, err := storyLines(c.Story, time.Now().In(zone))
	if err != nil {
		return nil, err
	}
	return repeated(lines, c.Repeat), nil
}

// numbered makes lines that a ledger can check: each number once.
func numbered(count int) func() (string, error) {
	n := 0
	host := fmt.Sprintf("load-%x", time.Now().UnixNano()&0xffffff)
	return func() (string, error) {
		if n == count {
			return "", io.EOF
		}
		n++
		return fmt.Sprintf("<134>%s %s yagura-load[1]: numbered line %d of %d with a little text so that it has the length of a usual one",
			time.Now().Format(time.Stamp), host, n, count), nil
	}
}

func (c *sendCmd) fromFiles(in io.Reader) (func() (string, error), error) {
	var lines []string
	for _, name := range c.Files {
		err := eachInput(name, in, func(f io.Reader) error {
			sc := bufio.NewScanner(f)
			sc.Buffer(nil, 1<<20)
			for sc.Scan() {
				lines = append(lines, sc.Text())
			}
			return sc.Err()
		})
		if err != nil {
			return nil, err
		}
	}
	return repeated(lines, c.Repeat), nil
}

// storyLines returns the messages of the named stories as if they ended now.
func storyLines(names []string, now time.Time) ([]string, error) {
	stories, err := demo.Stories()
	if err != nil {
		return nil, err
	}
	want := map[string]bool{}
	for _, n := range names {
		want[n] = true
	}
	var lines, known []string
	for _, s := range stories {
		known = append(known, s.Name)
		if len(names) > 0 && !want["all"] && !want[s.Name] {
			continue
		}
		delete(want, s.Name)
		for _, l := range s.Lines(now) {
			lines = append(lines, l.Text)
		}
	}
	delete(want, "all")
	for n := range want {
		return nil, invalid{fmt.Errorf("--story %s: unknown; want %s", n, config.Suggestion(n, append(known, "all")))}
	}
	return lines, nil
}

func repeated(lines []string, times int) func() (string, error) {
	i := 0
	return func() (string, error) {
		if len(lines) == 0 || i >= len(lines)*times {
			return "", io.EOF
		}
		i++
		return lines[(i-1)%len(lines)], nil
	}
}

func (s *sender) all(ctx context.Context, next func() (string, error), rate int, p *progress) (n int, err error) {
	defer p.done()
	start := time.Now()
	for ctx.Err() == nil {
		m, err := next()
		if err == io.EOF {
			return n, nil
		}
		if err == nil {
			err = s.one(m)
		}
		if err != nil {
			return n, err
		}
		n++
		p.add(1)
		if rate > 0 {
			if err := s.pace(ctx, start, n, rate); err != nil {
				return n, err
			}
		}
	}
	return n, nil
}

// pace waits so that n messages have taken n/rate seconds.
func (s *sender) pace(ctx context.Context, start time.Time, n, rate int) error {
	ahead := time.Duration(n)*time.Second/time.Duration(rate) - time.Since(start)
	if ahead < 5*time.Millisecond {
		return nil
	}
	if s.out != nil {
		if err := s.out.Flush(); err != nil {
			return err
		}
	}
	select {
	case <-ctx.Done():
	case <-time.After(ahead):
	}
	return nil
}
