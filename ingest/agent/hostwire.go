package agent

import (
	"encoding/binary"
	"time"

	"yagura/internal/event"
)

// The wire of our own agent: internal/agent writes it. A request is a head, then
// records, each with its length before it.
const (
	hostMagic      = "YGA1"
	maxHostText    = 4096 // bytes of a name or a path
	maxHostRecords = 8192
	unknownOffset  = time.Duration(-1 << 63)
)

// errHostWire is the answer to a body that is not of the agent.
var errHostWire = &refusal{Status: 400, Text: "the body is not of yagura's agent, or is damaged"}

// hostBatch is a request's body.
type hostBatch struct {
	Agent, Host, Version string
	First                uint64 // sequence of the first record
	Clock                time.Time
	Offset               time.Duration // the host's clock less ours; unknownOffset
	Records              []hostRecord
}

// hostRecord is one record; its slices are the body's.
type hostRecord struct {
	Input, Path    string
	Offset         int64
	Read           time.Time // by the host's clock
	Host, Encoding string
	Original       int
	Raw            []byte
}

// readHostBatch reads a whole body.
func readHostBatch(body []byte) (b hostBatch, err error) {
	r := hostReader{rest: body}
	if string(r.take(4)) != hostMagic {
		return b, errHostWire
	}
	b.Agent, b.Host, b.Version = r.text(), r.text(), r.text()
	fixed := r.take(8 + 4 + 8 + 8)
	if r.bad {
		return b, errHostWire
	}
	b.First = binary.LittleEndian.Uint64(fixed)
	count := binary.LittleEndian.Uint32(fixed[8:])
	b.Clock = time.Unix(0, int64(binary.LittleEndian.Uint64(fixed[12:])))
	b.Offset = time.Duration(binary.LittleEndian.Uint64(fixed[20:]))
	if count == 0 || count > maxHostRecords || b.First == 0 || b.First > 1<<62 {
		return b, errHostWire
	}
	b.Records = make([]hostRecord, 0, min(int(count), len(r.rest)/8+1))
	for range count {
		one := hostReader{rest: r.take(r.number())}
		b.Records = append(b.Records, one.record())
		if r.bad || one.bad {
			return b, errHostWire
		}
	}
	if len(r.rest) > 0 {
		return b, errHostWire
	}
	return b, nil
}

// hostReader reads from a buffer; bad: it was not what it should be.
type hostReader struct {
	rest []byte
	bad  bool
}

func (r *hostReader) take(n int) []byte {
	if n < 0 || n > len(r.rest) {
		r.bad, r.rest = true, nil
		return nil
	}
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}

func (r *hostReader) number() int {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 || n > 1<<62 {
		r.bad, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[size:]
	return int(n)
}

func (r *hostReader) instant() time.Time {
	n, size := binary.Varint(r.rest)
	if size <= 0 {
		r.bad, r.rest = true, nil
		return time.Time{}
	}
	r.rest = r.rest[size:]
	return time.Unix(0, n)
}

func (r *hostReader) text() string {
	n := r.number()
	if n > maxHostText {
		r.bad = true
	}
	return string(r.take(n))
}

func (r *hostReader) record() (h hostRecord) {
	h.Input, h.Path, h.Offset = r.text(), r.text(), int64(r.number())
	h.Read = r.instant()
	h.Host, h.Encoding, h.Original = r.text(), r.text(), r.number()
	h.Raw = r.rest
	if len(h.Raw) > event.MaxRaw {
		r.bad = true
	}
	return h
}
