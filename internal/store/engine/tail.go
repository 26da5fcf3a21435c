package engine

import (
	"bytes"
	"errors"
	"io"
	"sync"
)

var (
	errEnded   = errors.New("it ended by itself")
	errNoStart = errors.New("cannot start")
)

// outcome gives the end of a child an error always: it should not end.
func outcome(err error) error {
	if err == nil {
		return errEnded
	}
	return err
}

// lastLine passes a child's output on and remembers its last line, at most 512
// bytes of it, to say why the child ended.
type lastLine struct {
	w    io.Writer
	mu   sync.Mutex
	line []byte
}

func (l *lastLine) Write(p []byte) (int, error) {
	l.mu.Lock()
	if t := bytes.TrimRight(p, "\n"); len(t) > 0 {
		if i := bytes.LastIndexByte(t, '\n'); i >= 0 {
			t = t[i+1:]
		}
		l.line = append(l.line[:0], t[:min(len(t), 512)]...)
	}
	l.mu.Unlock()
	return l.w.Write(p)
}

func (l *lastLine) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.line)
}
