package syslog

import (
	"errors"
	"io"
	"net"
	"os"
	"sync/atomic"
	"time"
)

var (
	errIdle = errors.New("idle for too long")
	errSlow = errors.New("frame takes too long")
)

// tcpQuiet is how long a draining connection may say nothing.
const tcpQuiet = 100 * time.Millisecond

// pacedReader reads a connection within its limits of time: IdleTimeout between
// frames, FrameTimeout and a second for each MinRate bytes within one. After
// drain it reads what has already arrived and then says io.EOF.
type pacedReader struct {
	conn    net.Conn
	cfg     *Config
	pending func() int // bytes of the incomplete frame
	began   time.Time  // when the incomplete frame was first waited for; zero: not yet
	at      time.Time  // when the last bytes arrived
	limit   time.Time  // the deadline set
	ends    atomic.Pointer[time.Time]
}

// drain makes the reader finish, at the latest at end. Safe for concurrent use.
func (r *pacedReader) drain(end time.Time) {
	r.ends.Store(&end)
	_ = r.conn.SetReadDeadline(time.Unix(1, 0)) // wakes a waiting Read
}

// Read reads once, within the limits.
func (r *pacedReader) Read(p []byte) (int, error) {
	for {
		late := r.arm(time.Now())
		end := r.ends.Load()
		if end != nil {
			if !r.armDrain(*end) {
				return 0, io.EOF
			}
		}
		n, err := r.conn.Read(p)
		if n > 0 {
			r.at = time.Now()
			return n, nil
		}
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			return 0, err
		}
		switch {
		case end != nil:
			return 0, io.EOF
		case r.ends.Load() == nil:
			return 0, late
		}
	}
}

// arm sets the deadline and returns the error that passing it means. Between
// frames it is only moved when that changes much.
func (r *pacedReader) arm(now time.Time) (late error) {
	limit, late := now.Add(r.cfg.IdleTimeout), errIdle
	if n := r.pending(); n > 0 {
		if r.began.IsZero() {
			r.began = now
		}
		grace := r.cfg.FrameTimeout + time.Duration(n)*time.Second/time.Duration(r.cfg.MinRate)
		if l := r.began.Add(grace); l.Before(limit) {
			limit, late = l, errSlow
		}
	}
	if moved := limit.Sub(r.limit).Abs(); moved > limit.Sub(now)/16 {
		_ = r.conn.SetReadDeadline(limit)
		r.limit = limit
	}
	return late
}

// armDrain sets the deadline of a draining read; false: the time is over.
func (r *pacedReader) armDrain(end time.Time) bool {
	now := time.Now()
	if !now.Before(end) {
		return false
	}
	limit := now.Add(tcpQuiet)
	if limit.After(end) {
		limit = end
	}
	_ = r.conn.SetReadDeadline(limit)
	return true
}
