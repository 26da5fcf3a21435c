package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// Bounds of our side of RELP.
const (
	relpWindow = 128              // messages on their way, unanswered, as with rsyslog
	relpWait   = 60 * time.Second // for an answer
	relpAnswer = 128 << 10        // bytes of one
)

// relpSender sends over RELP: a message counts as sent once the receiver says that it
// is on disk.
type relpSender struct {
	conn net.Conn
	out  *bufio.Writer
	in   *bufio.Reader
	txnr int // of the last message
	done int // of the last answer
}

func openRELP(conn net.Conn, out *bufio.Writer) (*relpSender, error) {
	r := &relpSender{conn: conn, out: out, in: bufio.NewReader(conn)}
	if err := r.frame("open", "relp_version=0\nrelp_software=yagura send\ncommands=syslog"); err != nil {
		return nil, err
	}
	return r, r.settle(0)
}

// send writes a message, after waiting for room in the window.
func (r *relpSender) send(m string) error {
	if err := r.settle(relpWindow - 1); err != nil {
		return err
	}
	return r.frame("syslog", m)
}

// close waits for the last answers.
func (r *relpSender) close() error {
	if err := r.settle(0); err != nil {
		return err
	}
	if err := r.frame("close", ""); err != nil {
		return err
	}
	return r.settle(0)
}

func (r *relpSender) frame(command, data string) error {
	if r.txnr++; r.txnr > 999_999_999 { // the numbers begin anew (RELP, TXNR)
		r.txnr, r.done = 1, 0
	}
	if data != "" {
		data = " " + data
	}
	_, err := fmt.Fprintf(r.out, "%d %s %d%s\n", r.txnr, command, max(len(data)-1, 0), data)
	return err
}

// settle reads answers until at most so many messages wait for theirs.
func (r *relpSender) settle(waiting int) error {
	for r.txnr-r.done > waiting {
		if r.in.Buffered() == 0 {
			if err := r.out.Flush(); err != nil {
				return err
			}
		}
		if err := r.answer(); err != nil {
			return fmt.Errorf("%w; %d messages were not answered: they may be stored or not", err, r.txnr-r.done)
		}
	}
	return nil
}

func (r *relpSender) answer() error {
	_ = r.conn.SetReadDeadline(time.Now().Add(relpWait))
	var txnr, size int
	var command string
	if _, err := fmt.Fscanf(r.in, "%d %s %d", &txnr, &command, &size); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = io.EOF
		}
		return fmt.Errorf("read an answer: %w", err)
	}
	if size < 0 || size > relpAnswer {
		return fmt.Errorf("an answer of %d bytes", size)
	}
	text := make([]byte, size+1) // and its line feed, or the blank before it
	if size > 0 {
		text = append(text, 0)
	}
	if _, err := io.ReadFull(r.in, text); err != nil {
		return fmt.Errorf("read an answer: %w", err)
	}
	data := strings.TrimSpace(string(text))
	switch {
	case command == "serverclose":
		return errors.New("the receiver stops")
	case command != "rsp" || txnr != r.done+1 || size > 0 && !strings.HasPrefix(data, "200"):
		return fmt.Errorf("the receiver answers %d %s %q", txnr, command, data)
	}
	r.done = txnr
	return nil
}
