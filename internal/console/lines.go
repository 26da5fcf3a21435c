package console

import (
	"bufio"
	"net/http"
	"time"
)

// lines writes JSON Lines: buffered, flushed at least every flushEvery while
// lines come, each write bounded by streamTime.
type lines struct {
	buf     *bufio.Writer
	control *http.ResponseController
	flushed time.Time
}

const flushEvery = 200 * time.Millisecond

func newLines(w http.ResponseWriter) *lines {
	l := &lines{control: http.NewResponseController(w)}
	l.buf = bufio.NewWriterSize(deadlined{w, l.control}, 64<<10)
	return l
}

// deadlined gives every write its time: a reader may be slow as long as it takes
// something. Between writes there is no deadline, as an idle stream is well; HTTP/2
// would reset it.
type deadlined struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

func (d deadlined) Write(p []byte) (int, error) {
	hurry(d.control)
	defer rest(d.control)
	return d.w.Write(p)
}

// hurry and rest are refused only where there is no connection: in tests.
func hurry(c *http.ResponseController) { _ = c.SetWriteDeadline(time.Now().Add(streamTime)) }
func rest(c *http.ResponseController)  { _ = c.SetWriteDeadline(time.Time{}) }

// write adds a line. An error means that the client has left.
func (l *lines) write(line []byte) error {
	_, _ = l.buf.Write(line) // the error stays in the buffer
	if err := l.buf.WriteByte('\n'); err != nil {
		return err
	}
	if time.Since(l.flushed) < flushEvery {
		return nil
	}
	return l.flush()
}

func (l *lines) flush() error {
	l.flushed = time.Now()
	if err := l.buf.Flush(); err != nil {
		return err
	}
	hurry(l.control)
	defer rest(l.control)
	return l.control.Flush()
}

// end writes the error, if there is one, as the last line.
func (l *lines) end(err error) {
	if err != nil {
		line := append(appendText([]byte(`{"error":`), err.Error()), '}', '\n')
		_, _ = l.buf.Write(line)
	}
	_ = l.flush()    // a client that has left needs no end
	hurry(l.control) // what the server itself writes after it
}
