package test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// relpTap stands between a RELP sender and yagura and notes, of each numbered line,
// every frame that it was sent in and whether that was answered.
type relpTap struct {
	testing.TB
	address  string
	to       string
	listener net.Listener

	mu    sync.Mutex
	conns int
	lines map[int][]*relpSent // by number, in the order of sending
}

// relpSent is one frame with a line.
type relpSent struct {
	conn, txnr int
	answered   bool // with 200, and the answer was handed to the sender's kernel
	again      bool // a frame with this line had been answered when it was sent
}

func tapRELP(t testing.TB, to string) *relpTap {
	t.Helper()
	tp := &relpTap{TB: t, address: "127.0.0.1:0", to: to, lines: map[int][]*relpSent{}}
	tp.open()
	t.Cleanup(func() { _ = tp.listener.Close() })
	return tp
}

// open listens, at the same address as before.
func (tp *relpTap) open() {
	tp.Helper()
	l, err := net.Listen("tcp", tp.address)
	if err != nil {
		tp.Fatal(err)
	}
	tp.listener, tp.address = l, l.Addr().String()
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", tp.to)
			if err != nil {
				_ = in.Close()
				continue
			}
			tp.relay(in.(*net.TCPConn), out.(*net.TCPConn))
		}
	}()
}

// shut refuses new connections; those there are go on.
func (tp *relpTap) shut() { _ = tp.listener.Close() }

func (tp *relpTap) relay(in, out *net.TCPConn) {
	tp.mu.Lock()
	tp.conns++
	conn := tp.conns
	tp.mu.Unlock()
	open := map[int]*relpSent{} // by transaction; guarded by mu
	go tp.pass(out, in, func(f relpFrame) { tp.request(conn, open, f) })
	go tp.pass(in, out, func(f relpFrame) { tp.response(open, f) })
}

type relpFrame struct {
	txnr    int
	command string
	data    []byte
}

// pass hands frames on: each is noted before, when it is a request, and after, when
// it is an answer that the receiver's kernel took. What is no whole frame is handed on
// as it is; what comes when the other side has gone is noted still.
func (tp *relpTap) pass(to, from *net.TCPConn, note func(relpFrame)) {
	r := bufio.NewReaderSize(from, 64<<10)
	for {
		f, raw, err := readRELP(r)
		answer := f.command == "rsp"
		if err == nil && !answer {
			note(f)
		}
		_, werr := to.Write(raw)
		if err != nil {
			_ = to.CloseWrite()
			return
		}
		if answer && werr == nil {
			note(f)
		}
	}
}

// readRELP reads TXNR SP COMMAND SP LENGTH [SP DATA] LF.
func readRELP(r *bufio.Reader) (f relpFrame, raw []byte, err error) {
	var words [3]string
	for i := range words {
		for {
			c, err := r.ReadByte()
			if err != nil {
				return f, raw, err
			}
			raw = append(raw, c)
			if c == ' ' || c == '\n' {
				break
			}
			words[i] += string(c)
		}
	}
	f.txnr, _ = strconv.Atoi(words[0])
	f.command = words[1]
	n, err := strconv.Atoi(words[2])
	if err != nil || n == 0 {
		return f, raw, err
	}
	f.data = make([]byte, n+1)
	n, err = io.ReadFull(r, f.data)
	f.data = bytes.TrimSuffix(f.data[:n], []byte("\n"))
	return f, append(raw, append(bytes.Clone(f.data), '\n')...), err
}

func (tp *relpTap) request(conn int, open map[int]*relpSent, f relpFrame) {
	m := numbered.FindSubmatch(f.data)
	if f.command != "syslog" || m == nil {
		return
	}
	n, _ := strconv.Atoi(string(m[1]))
	tp.mu.Lock()
	defer tp.mu.Unlock()
	one := &relpSent{conn: conn, txnr: f.txnr}
	for _, o := range tp.lines[n] {
		one.again = one.again || o.answered
	}
	tp.lines[n] = append(tp.lines[n], one)
	open[f.txnr] = one
}

func (tp *relpTap) response(open map[int]*relpSent, f relpFrame) {
	tp.mu.Lock()
	defer tp.mu.Unlock()
	if one := open[f.txnr]; one != nil {
		one.answered = strings.HasPrefix(string(f.data), "200")
		delete(open, f.txnr)
	}
}

// wantAnswered wants each line to be stored that was answered, and once more at most for
// each time that the sender sent it though it had its answer. It returns how many lines
// were sent so.
func (tp *relpTap) wantAnswered(stored map[int]int) (again int) {
	tp.Helper()
	tp.mu.Lock()
	defer tp.mu.Unlock()
	for n, frames := range tp.lines {
		answered, may := false, 1
		for _, f := range frames {
			answered = answered || f.answered
			if f.again {
				may++
			}
		}
		if may > 1 {
			again++
		}
		if rows := stored[n]; answered && rows == 0 || rows > may {
			tp.Errorf("line %d is stored %d times;%s", n, rows, way(frames))
		}
	}
	return again
}

// way tells what became of a line.
func way(frames []*relpSent) string {
	var b strings.Builder
	for _, f := range frames {
		fmt.Fprintf(&b, " sent on connection %d as %d, answered: %v", f.conn, f.txnr, f.answered)
	}
	return b.String()
}
