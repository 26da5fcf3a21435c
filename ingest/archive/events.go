package archive

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"yagura/ingest/archive/evtx"
)

// eventLog gives the records of a Windows event log as XML, one a line. Records that
// cannot be read are passed over and told at the end.
type eventLog struct {
	r       *evtx.Reader
	rest    []byte
	line    []byte
	read    int
	damaged int
	first   error
}

func newEventLog(r *bufio.Reader) (io.ReadCloser, error) {
	log, err := evtx.NewReader(r)
	if err != nil {
		return nil, err
	}
	return io.NopCloser(&eventLog{r: log}), nil
}

// Read implements io.Reader.
func (e *eventLog) Read(p []byte) (int, error) {
	for len(e.rest) == 0 {
		if err := e.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

func (e *eventLog) next() error {
	xml, err := e.r.Next()
	var d *evtx.DamagedError
	switch {
	case err == nil:
		e.read++
		e.line = append(append(e.line[:0], xml...), '\n')
		e.rest = e.line
		return nil
	case errors.As(err, &d):
		e.damaged++
		if e.first == nil {
			e.first = err
		}
		return nil
	case err == io.EOF && e.damaged > 0:
		return fmt.Errorf("%d of %d records are passed over; the first: %w", e.damaged, e.read+e.damaged, e.first)
	}
	return err
}
