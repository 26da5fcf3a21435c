package cli

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"
)

// progress shows a count and its rate on a terminal, and nothing elsewhere.
type progress struct {
	out   io.Writer // nil: not a terminal
	what  string
	n     int
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
	if p.out == nil || p.n&0x3f != 0 || time.Since(p.shown) < 200*time.Millisecond {
		return
	}
	p.shown = time.Now()
	fmt.Fprintf(p.out, "\r%s %d, %.0f/s   ", p.what, p.n, float64(p.n)/time.Since(p.start).Seconds())
}

func (p *progress) done() {
	if p.out != nil && !p.shown.IsZero() {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
}
