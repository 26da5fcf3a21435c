package syslog

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"time"
)

// Times of a RELP connection's end.
const (
	lastAnswers = time.Second            // for answers to a sender that has ended its side
	farewell    = 500 * time.Millisecond // for a sender to close after serverclose
)

// greeting is the answer to open.
const greeting = "200 OK\nrelp_version=0\nrelp_software=yagura\ncommands=syslog"

// errClose ends a connection that the sender has closed in good order.
var errClose = errors.New("closed by the sender")

// session is a RELP connection: this goroutine reads, another one answers.
type session struct {
	*connection
	relp    *relp
	window  *window
	framer  *RELPFramer
	post    *courier
	from    sender
	overlap overlap
	held    []heldMessage
	weight  int // bytes of held
}

// heldMessage waits until it is known whether it came before.
type heldMessage struct {
	owed
	frame Frame
	at    time.Time
}

// serveRELP takes messages, and answers each once it is on disk, until the stream
// ends, garbage comes, or we stop.
func (c *connection) serveRELP(work context.Context) {
	defer c.close()
	if c.handshake(work) != nil {
		return
	}
	r := c.t.relp
	s := &session{connection: c, relp: r, window: r.open(), post: c.courier(), overlap: overlap{tails: r.tails}}
	defer r.close(s.window)
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
func (s *session) Read(p []byte) (int, error) {
	if s.window.owes() >= hurryAt {
		s.relp.sink.Hurry()
	}
	return s.pace.Read(p)
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
			err = s.release()
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
	if !s.overlap.begun || len(s.held) > 0 {
		held, run := s.overlap.see(s.addr, o.digest)
		if held || run != nil {
			s.hold(o, f.Frame)
		}
		switch {
		case run != nil:
			return s.again(run)
		case held && s.weight <= maxHeld:
			return nil
		case held:
			return s.release()
		}
		if err := s.release(); err != nil {
			return err
		}
	}
	return s.take(o, f.Frame, s.pace.at)
}

func (s *session) hold(o owed, f Frame) {
	f.Data = bytes.Clone(f.Data)
	s.held = append(s.held, heldMessage{o, f, s.pace.at})
	s.weight += len(f.Data)
}

// again answers the held messages by the blocks that took them the first time.
func (s *session) again(run []taken) error {
	held := s.held
	s.held = nil
	s.t.l.resent.Add(uint64(len(held)))
	for i, h := range held {
		h.block = run[i].block
		if err := s.push(h.owed); err != nil {
			return err
		}
	}
	return nil
}

// release takes the held messages: they are new, or it is not sure.
func (s *session) release() error {
	held := s.held
	s.held = nil
	if len(held) > 0 {
		s.overlap.end()
	}
	for _, h := range held {
		if err := s.take(h.owed, h.frame, h.at); err != nil {
			return err
		}
	}
	return nil
}

// take brings a message to the sink. While that has no room nothing is read; a stop
// ends the wait: the sender has no answer and sends it again.
func (s *session) take(o owed, f Frame, at time.Time) (err error) {
	s.src.receive(1)
	s.t.l.bytes.Add(uint64(f.Original))
	s.from.at = at
	if o.block, err = s.post.take(s.relp.stop, f, s.from); err != nil {
		return errStop
	}
	return s.push(o)
}

// answer writes answers as they fall due, as many in one write as there are. It ends
// the connection when the sender does not take them.
func (s *session) answer() {
	var b []byte
	for {
		n := 0
		if b, n = s.window.next(b[:0]); n == 0 {
			break
		}
		_ = s.conn.SetWriteDeadline(time.Now().Add(s.t.l.cfg.FrameTimeout))
		if _, err := s.conn.Write(b); err != nil {
			s.countEnd(slowOr(err))
			s.window.fail()
			_ = s.conn.Close()
			return
		}
		s.window.wrote(n)
	}
	s.pace.drain(time.Now()) // a block was lost, or the reader has ended anyway
}

// finish answers what is on disk in time, says goodbye, and remembers what was not
// answered.
func (s *session) finish(why error, answered <-chan struct{}) {
	s.countEnd(why)
	limit, gone := s.t.l.cfg.Drain/2, false
	switch {
	case errors.Is(why, ErrNotRELP):
		s.garbage(why)
	case errors.Is(why, errClose), errors.Is(why, errStop), errors.Is(why, errIdle), errors.Is(why, errSlow):
	default: // its side has ended, in good order or not: it may be coming back now
		limit, gone = lastAnswers, true
		if t := s.window.tail(s.addr); t != nil {
			s.relp.tails.add(t)
		}
	}
	s.window.set(&s.window.ended)
	timer := time.AfterFunc(limit, func() {
		s.window.set(&s.window.dead)
		_ = s.conn.SetWriteDeadline(time.Unix(1, 0))
	})
	<-answered
	timer.Stop()
	if !gone {
		s.farewell()
	}
	if t := s.window.tail(s.addr); t != nil {
		s.relp.tails.add(t)
	}
}

// farewell tells the sender that we close, and waits for it to do so: a close with
// unread bytes in the kernel would take the last answers along (RST).
func (s *session) farewell() {
	end := time.Now().Add(farewell)
	_ = s.conn.SetDeadline(end)
	if _, err := io.WriteString(s.conn, "0 serverclose 0\n"); err != nil {
		return
	}
	if c, ok := s.conn.(interface{ CloseWrite() error }); ok {
		_ = c.CloseWrite()
	}
	_, _ = io.CopyN(io.Discard, s.conn, lastBytes) // up to the end or the deadline
}
