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
	errStop = errors.New("we stop")
)

// tcpQuiet is how long a draining connection may say nothing.
const tcpQuiet = 100 * time.Millisecond

// nulQuiet is the silence after a NUL that makes it the end of a line.
const nulQuiet = 500 * time.Millisecond

// After a drain's time a silence of gap is looked for, for at most gapWithin.
const (
	gap       = 10 * time.Millisecond
	gapWithin = 640 * time.Millisecond
)

// lastBytes bounds what is read of a sender that goes on after a drain's time: more
// than the kernel holds of a connection (net.ipv4.tcp_rmem).
const lastBytes = 16 << 20

// pacedReader reads a connection within its limits of time: IdleTimeout between
// frames, FrameTimeout and a second for each MinRate bytes within one.
//
// After drain the sender sees the end of our side (a half-close): rsyslog,
// syslog-ng and others that look for it close then, and everything up to their
// close is read. Of one that goes on, what arrives up to a silence or to the
// drain's end is read, then what comes up to the next gap, and io.EOF ends
// it. What such a sender writes later is lost to it: plain TCP has no answer that
// could tell.
type pacedReader struct {
	conn    net.Conn
	cfg     *Config
	pending func() int  // bytes of the incomplete frame
	nul     func() bool // they end in a NUL: of a device that ends lines so, or inside a line. Silence is told then (ErrQuiet)
	answers bool        // RELP: what was not answered comes again, so that a drain ends reading at once (errStop)
	began   time.Time   // when the incomplete frame was first waited for; zero: not yet
	at      time.Time   // when the last bytes arrived
	limit   time.Time   // the deadline set
	last    int         // bytes read after the drain's time
	until   time.Time   // when the look for a gap ends
	ends    atomic.Pointer[time.Time]
}

// drain makes the reader finish, at the latest at end. With TLS it may wait for
// goodbye. Safe for concurrent use.
func (r *pacedReader) drain(end time.Time) {
	r.ends.Store(&end)
	if !r.answers {
		_ = r.conn.SetWriteDeadline(time.Now().Add(tcpQuiet)) // a Read of TLS may be answering one that does not read
		endWrites(r.conn)                                     // a sender that is gone is found by reading
	}
	_ = r.conn.SetReadDeadline(time.Unix(1, 0)) // wakes a waiting Read
}

// Read reads once, within the limits.
func (r *pacedReader) Read(p []byte) (int, error) {
	for {
		late := r.arm(time.Now())
		end := r.ends.Load()
		if end != nil {
			if r.answers {
				return 0, errStop
			}
			if !r.armDrain(*end) {
				return r.rest(p)
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
		case r.answers && r.ends.Load() != nil:
			return 0, errStop
		case end != nil: // silent, or we were not given a processor in time
			return r.rest(p)
		case r.ends.Load() == nil:
			return 0, late
		}
	}
}

// arm sets the deadline and returns the error that passing it means. Between
// frames it is only moved when that changes much. It holds for writing too: with
// TLS a Read may have to answer (RFC 8446, 4.6.3).
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
	if l := now.Add(nulQuiet); r.nul() && l.Before(limit) {
		limit, late = l, ErrQuiet
	}
	if moved := limit.Sub(r.limit).Abs(); moved > limit.Sub(now)/16 {
		if r.limit = limit; r.answers {
			_ = r.conn.SetReadDeadline(limit) // who answers has a deadline of its own
		} else {
			_ = r.conn.SetDeadline(limit)
		}
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
	_ = r.conn.SetDeadline(limit)
	return true
}

// rest reads what the kernel holds at this moment, and on until a gap in what comes:
// a sender that goes on loses least when we close between two of its writes.
func (r *pacedReader) rest(p []byte) (n int, err error) {
	if r.last >= lastBytes {
		return 0, io.EOF
	}
	now := time.Now()
	if r.until.IsZero() {
		r.until = now.Add(min(gapWithin, r.cfg.Drain/4)) // half of it is over
	}
	n, err = r.readNow(p)
	if errors.Is(err, os.ErrDeadlineExceeded) && now.Before(r.until) {
		_ = r.conn.SetReadDeadline(now.Add(gap))
		if n, err = r.conn.Read(p); errors.Is(err, os.ErrDeadlineExceeded) {
			n, err = r.readNow(p) // we may not have been given a processor in time
		}
	}
	if n <= 0 || err != nil {
		return 0, io.EOF
	}
	r.last += n
	r.at = time.Now()
	return n, nil
}

func (r *pacedReader) readNow(p []byte) (int, error) {
	if c, ok := r.conn.(*tlsConn); ok {
		return c.readNow(p)
	}
	return readNow(r.conn, p)
}

// endWrites shows the sender that we end: the end of our side, in TCP. In TLS nothing
// is said before it: rsyslog looks at the socket only, and what lies there unread
// would hide the end from it. We had nothing to say that could be cut short.
func endWrites(conn net.Conn) {
	if c, ok := conn.(*tlsConn); ok {
		conn = c.NetConn()
	}
	if c, ok := conn.(interface{ CloseWrite() error }); ok {
		_ = c.CloseWrite()
	}
}

// readSoon reads what arrives in a moment: what readNow falls back to.
func readSoon(conn net.Conn, p []byte) (int, error) {
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	return conn.Read(p)
}
