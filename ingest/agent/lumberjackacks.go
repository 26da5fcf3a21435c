package agent

import (
	"encoding/binary"
	"net"
	"sync"
	"time"
)

// ljWrite bounds how long a sender may take to read an answer.
const ljWrite = 10 * time.Second

// ljAcks answers a connection's batches: with the last event's number when all is on
// disk, and with 0 every so often before that, as senders give up after a while without
// a word. Safe for concurrent use after start.
type ljAcks struct {
	mu      sync.Mutex
	conn    net.Conn
	every   time.Duration
	fail    func() // ends what waits: nobody reads the answers
	timer   *time.Timer
	waiting bool
	version byte
}

func (a *ljAcks) start(conn net.Conn, every time.Duration, fail func()) {
	a.conn, a.every, a.fail = conn, every, fail
}

// wait tells the sender to wait, from now on.
func (a *ljAcks) wait(version byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.waiting, a.version = true, version
	if a.timer == nil {
		a.timer = time.AfterFunc(a.every, a.tick)
	} else {
		a.timer.Reset(a.every)
	}
}

func (a *ljAcks) tick() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.waiting {
		return
	}
	if a.write(0) != nil {
		a.waiting = false
		a.fail()
		return
	}
	a.timer.Reset(a.every)
}

// answer says that the events up to seq are taken.
func (a *ljAcks) answer(seq uint32) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.waiting = false
	a.timer.Stop()
	return a.write(seq)
}

// stop says nothing more.
func (a *ljAcks) stop() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.waiting = false
	if a.timer != nil {
		a.timer.Stop()
	}
}

func (a *ljAcks) write(seq uint32) error {
	b := binary.BigEndian.AppendUint32([]byte{a.version, 'A'}, seq)
	_ = a.conn.SetWriteDeadline(time.Now().Add(ljWrite))
	_, err := a.conn.Write(b)
	return err
}
