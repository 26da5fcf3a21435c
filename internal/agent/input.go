package agent

import (
	"context"
	"time"
)

// Input is something the agent reads. All methods are called by one goroutine, but
// for Lag.
type Input interface {
	// Name is the kind and what is read, for people: "files /var/log/*.log".
	Name() string
	// Restore gives the marks of an earlier run, before the first Poll. It takes
	// those that begin with the input's own prefix.
	Restore(marks map[string]string)
	// Poll reads what is new and puts it into the sink until nothing is left or the
	// sink says stop. It must not wait. more: there is more at once.
	Poll(ctx context.Context, to *Sink) (more bool)
	// Marks tells the positions that have changed since the last call, as they are
	// after the last record put; "" forgets one. They become durable together with
	// these records.
	Marks(put func(key, value string))
	// Lag is how many bytes are known to wait unread; -1 is unknown. Safe for
	// concurrent use.
	Lag() int64
	// Close gives everything back; what was not committed comes again.
	Close() error
}

// Sink takes the records of one poll.
type Sink struct {
	spool *Spool
	rate  *rate
	n     int
}

// Put takes the record. false: it was not taken, and the input stops where it is.
func (s *Sink) Put(r *Record) bool {
	if s.spool.Heavy() || s.spool.Full() || !s.rate.take() {
		return false
	}
	if len(r.Raw) > MaxRaw {
		r.Original = max(r.Original, len(r.Raw))
		r.Raw = r.Raw[:MaxRaw]
	}
	s.spool.Add(r)
	s.n++
	return true
}

// rate bounds the records of a second; nil or zero does not.
type rate struct {
	perSecond int
	second    int64
	used      int
}

func (r *rate) take() bool {
	if r == nil || r.perSecond == 0 {
		return true
	}
	if now := time.Now().Unix(); now != r.second {
		r.second, r.used = now, 0
	}
	if r.used >= r.perSecond {
		return false
	}
	r.used++
	return true
}
