package syslog

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// greeting is the answer to open.
const greeting = "200 OK\nrelp_version=0\nrelp_software=yagura\ncommands=syslog"

// session is a RELP connection: this goroutine reads, another one answers.
type session struct {
	*connection
	relp    *relp
	born    uint64 // its number
	window  *window
	framer  *RELPFramer
	post    *courier
	from    sender
	work    context.Context         // ends when nothing more is to be taken
	leave   context.CancelCauseFunc // ends it
	overlap overlap
	held    []heldMessage
	waiting atomic.Int32 // how many they are
	weight  int          // bytes of held
	before  uint64       // digest of the message taken last

	taking   sync.Mutex // held while a message is brought to the sink
	replaced bool       // nothing more is taken: guarded by taking

	rivals   bool                    // there were older ones of the address
	younger  atomic.Pointer[session] // the newest of the address that came after this one
	behind   bool                    // see follows
	heard    atomic.Int64            // Unix nanoseconds of the last read
	hurries  int                     // reads that hurry: the sender was seen to wait for its answers
	headLock sync.Mutex
	head     []uint64 // digests of the first messages, where there are rivals
}

// serveRELP takes messages, and answers each once it is on disk, until the stream
// ends, garbage comes, or we stop.
func (c *connection) serveRELP(work context.Context) {
	defer c.close()
	if c.handshake(work) != nil {
		return
	}
	r := c.t.relp
	s := &session{connection: c, relp: r, post: c.courier()}
	s.overlap.self = s
	s.work, s.leave = context.WithCancelCause(r.stop)
	defer s.leave(nil)
	r.open(s)
	defer r.close(s)
	s.framer = NewRELPFramer(s, c.t.l.cfg.MaxLine)
	c.pace.pending, c.pace.nul = s.framer.Pending, func() bool { return len(s.held) > 0 }
	s.from = c.sender()
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		s.answer()
	}()
	err := s.read()
	s.finish(err, answered)
}

// Read reads for the framer, which has no whole frame left.
func (s *session) Read(p []byte) (n int, err error) {
	owed := s.window.owes()
	if owed > 0 && s.hurries > 0 {
		s.hurries--
		s.relp.sink.Hurry()
	} else if owed >= hurryAt {
		s.relp.sink.Hurry()
	}
	n, err = s.pace.Read(p)
	if n > 0 {
		before := time.Unix(0, s.heard.Swap(s.pace.at.UnixNano()))
		if told := time.Unix(0, s.window.told.Load()); told.Sub(before) > waited && s.pace.at.Sub(told) < waited {
			s.hurries = hurriesOnce
		}
	}
	return n, err
}

// read takes frames until the stream ends, and returns why it ended.
func (s *session) read() error {
	for {
		f, err := s.framer.Next()
		if err != nil && !errors.Is(err, ErrQuiet) {
			return err
		}
		if err == nil {
			s.pace.began = time.Time{}
			err = s.frame(f)
		} else {
			err = s.quiet()
		}
		if err != nil {
			return err
		}
	}
}

// frame does what a frame asks for.
func (s *session) frame(f RELPFrame) error {
	s.looked = true
	switch string(f.Command) {
	case "syslog":
		return s.message(f)
	case "open":
		return s.reply(owed{txnr: f.Txnr, text: greeting})
	case "close":
		return errors.Join(s.reply(owed{txnr: f.Txnr}), errClose)
	}
	return s.reply(owed{txnr: f.Txnr, text: "500 this command is not known here"})
}

// reply owes an answer, behind those of all messages before it.
func (s *session) reply(o owed) error {
	if err := s.release(); err != nil {
		return err
	}
	return s.push(o)
}

func (s *session) push(o owed) error {
	if !s.window.push(o) {
		return net.ErrClosed
	}
	return nil
}

// message takes a message, or holds it while it may be one that came before.
func (s *session) message(f RELPFrame) error {
	o := owed{txnr: f.Txnr, message: true}
	if len(f.Data) == 0 { // nothing that could be stored
		return s.reply(owed{txnr: f.Txnr})
	}
	o.digest = s.relp.tails.digest(f.Frame)
	s.window.coming.Store(o.digest) // before any look at others: one of two sees the other
	if !s.overlap.active() && !s.rivals && s.younger.Load() == nil {
		return s.take(o, f.Frame, s.pace.at)
	}
	if held, err := s.compare(o, f.Frame); held || err != nil {
		s.window.coming.Store(0)
		return err
	}
	return s.take(o, f.Frame, s.pace.at)
}

// take brings a message to the sink. While that has no room nothing is read; a stop
// ends the wait: the sender has no answer and sends it again. What was not taken as its
// sender has come back is no message of the books: it comes on the other connection.
func (s *session) take(o owed, f Frame, at time.Time) (err error) {
	s.taking.Lock()
	defer s.taking.Unlock()
	if s.replaced {
		return errReplaced
	}
	s.t.l.bytes.Add(uint64(f.Original))
	s.from.at = at
	if o.block, err = s.post.take(s.work, f, s.from); err != nil {
		s.window.coming.Store(0)
		if context.Cause(s.work) == errReplaced {
			return errReplaced
		}
		s.src.receive(1)
		s.post.refused(s.from)
		return errStop
	}
	s.src.receive(1)
	s.before = o.digest
	return s.push(o)
}
