package run

import (
	"bufio"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"yagura/internal/console"
	"yagura/internal/event"
)

// reading is one part being read.
type reading struct {
	*importer
	handler *Handler
	part    console.ImportPart
	state   console.ImportState
	draft   event.Draft
	last    time.Time // of the line before
	block   uint64    // that took the newest record
	taken   uint64    // records of this part
}

// all takes every record, and returns once they are on disk.
func (r *reading) all(ctx context.Context, in *bufio.Reader) error {
	l := newLanding()
	defer r.packer.Watch(l.told)()
	defer func() { r.packer.Tally(event.Tally{Source: senderOf(r.part), Received: r.taken}) }()
	r.last = r.state.Last
	var buf []byte
	for {
		raw, original, err := nextRecord(in, buf)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return errImport("record %d: %v", r.state.Records+1, err)
		}
		buf = raw
		if err := r.record(ctx, raw, original); err != nil {
			return err
		}
	}
	r.state.Path, r.state.Done, r.state.At = r.part.Path, r.part.Done, time.Now().UTC()
	if r.block == 0 {
		return nil
	}
	r.packer.Hurry()
	return l.wait(ctx, r.block)
}

// nextRecord reads one record into buf; io.EOF is the end between two.
func nextRecord(in *bufio.Reader, buf []byte) (raw []byte, original int, err error) {
	size, err := binary.ReadUvarint(in)
	if err != nil {
		return nil, 0, err
	}
	whole, err := binary.ReadUvarint(in)
	if err != nil {
		return nil, 0, noEnd(err)
	}
	if size > event.MaxRaw || whole < size || whole > 1<<40 {
		return nil, 0, fmt.Errorf("%d of %d bytes; at most %d can be kept", size, whole, event.MaxRaw)
	}
	if cap(buf) < int(size) {
		buf = make([]byte, size, max(size, 4<<10))
	}
	buf = buf[:size]
	if _, err := io.ReadFull(in, buf); err != nil {
		return nil, 0, noEnd(err)
	}
	return buf, int(whole), nil
}

func noEnd(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// record parses a line against the file's time, and appends it as received now.
func (r *reading) record(ctx context.Context, raw []byte, original int) error {
	d := &r.draft
	d.Reset(raw)
	if original > len(raw) {
		d.Truncated(original)
	}
	d.Received = r.part.Received
	d.Source = senderOf(r.part)
	d.Flags |= event.FlagHistory
	if r.part.Detect {
		d.Flags |= event.FlagReplay
	}
	r.handler.Handle(d)
	r.count(d)
	if !d.Has(event.LogFilePath) {
		d.SetString(event.LogFilePath, r.part.Path)
	}
	if !d.Has(event.EventSequence) {
		d.SetInt(event.EventSequence, int64(r.state.Records))
	}
	d.Received = time.Now()
	block, err := r.packer.AppendBlock(ctx, d)
	if err != nil {
		return err
	}
	r.block = block
	r.taken++
	return nil
}

// count books the line; one without a time follows the one before it in the file.
func (r *reading) count(d *event.Draft) {
	s := &r.state
	s.Records++
	if d.Flags&event.FlagUnparsed != 0 {
		s.Unparsed++
	}
	if d.Time.IsZero() {
		s.NoTime++
		d.Flags |= event.FlagNoTime
		if d.Time = r.last; d.Time.IsZero() {
			d.Time = r.part.Received
		}
		return
	}
	r.last = d.Time
	if s.First.IsZero() || d.Time.Before(s.First) {
		s.First = d.Time
	}
	if d.Time.After(s.Last) {
		s.Last = d.Time
	}
}

func senderOf(part console.ImportPart) event.Source {
	return event.Source{Peer: cmp.Or(part.Source, part.Path), Listener: importListener}
}

// landing waits until blocks are on disk.
type landing struct {
	mu      sync.Mutex
	durable uint64
	lost    error
	news    chan struct{} // holds a token when something has changed
}

func newLanding() *landing { return &landing{news: make(chan struct{}, 1)} }

// told hears of a block from the packer.
func (l *landing) told(block uint64, err error) {
	l.mu.Lock()
	if l.durable = block; err != nil {
		l.lost = err
	}
	l.mu.Unlock()
	select {
	case l.news <- struct{}{}:
	default:
	}
}

func (l *landing) reached(block uint64) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.durable >= block, l.lost
}

// wait returns once the block is on disk. An error: some block since the start is
// nowhere, or ctx has ended.
func (l *landing) wait(ctx context.Context, block uint64) error {
	for {
		ok, err := l.reached(block)
		if err != nil || ok {
			return err
		}
		select {
		case <-l.news:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
