package cli

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"
)

// progress shows a count and its rate on a terminal, and nothing elsewhere. With a
// whole it shows the share that is done and the time that is left, too.
type progress struct {
	out   io.Writer // nil: not a terminal
	what  string
	n     int
	part  func() (done, whole int64) // nil: the whole is not known
	start time.Time
	shown time.Time
}

func newProgress(w io.Writer, what string) *progress {
	p := &progress{what: what, start: time.Now()}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.out = f
	}
	return p
}

func (p *progress) add(n int) {
	p.n += n
	if p.out == nil || n == 1 && p.n&0x3f != 0 || time.Since(p.shown) < 200*time.Millisecond || time.Since(p.start) < 200*time.Millisecond {
		return
	}
	p.shown = time.Now()
	fmt.Fprintf(p.out, "\r\x1b[K%s %d, %.0f/s%s", p.what, p.n, float64(p.n)/time.Since(p.start).Seconds(), p.left())
}

// left is the share done and the time that the rest takes at the pace so far.
func (p *progress) left() string {
	if p.part == nil {
		return ""
	}
	done, whole := p.part()
	if done <= 0 || whole < done {
		return ""
	}
	rest := time.Duration(float64(time.Since(p.start)) * float64(whole-done) / float64(done))
	return fmt.Sprintf(", %d %%, %v left", 100*done/whole, rest.Round(time.Second))
}

func (p *progress) done() {
	if p.out != nil && !p.shown.IsZero() {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
}
