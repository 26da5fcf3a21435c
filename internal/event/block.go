package event

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
	"unsafe"
)

// Bounds of a block.
const (
	MaxEvents = 8192    // default cut, and the hard bound of a block
	MaxBlock  = 4 << 20 // bytes of a block before packing; the default cut is lower
)

// ID is a block's identity: who made it and its place in the maker's sequence.
// Nothing in it is random, so a replay carries the same identities.
type ID struct {
	Tenant string // the body
	Node   string // the yagura instance that received the lines
	Epoch  uint64 // start of the instance: Unix nanoseconds, strictly growing
	Seq    uint64 // from 1 within the epoch
}

// String is the form used as Nats-Msg-Id and in event ids: tenant/node/epoch/seq.
func (id ID) String() string {
	return fmt.Sprintf("%s/%s/%x/%d", id.Tenant, id.Node, id.Epoch, id.Seq)
}

// EventID is the id of an event: its block's identity and its index.
func (id ID) EventID(index int) string { return fmt.Sprintf("%s/%d", id, index) }

// Block is a decoded block: one buffer and the tables that index it. It is
// immutable and safe for concurrent reading. Slices that it hands out live as
// long as the block.
type Block struct {
	ID      ID
	Created time.Time // when it was sealed: the store's partition comes from it
	Sources []Source
	Tallies []Tally

	names  []string // local names
	events []head
	refs   []ref
	data   []byte
	wire   []byte // the whole unpacked encoding
}

// head is the fixed part of an encoded event. All numbers little endian.
type head struct {
	Received int64 // Unix nanoseconds
	Time     int64 // Unix nanoseconds
	DataOff  uint32
	DataLen  uint32
	RawLen   uint32
	MsgOff   uint32 // nullOff: no message
	MsgLen   uint32
	RefOff   uint32
	RefCount uint16
	Source   uint16
	Flags    uint16
	_        uint16
}

const (
	headSize = int(unsafe.Sizeof(head{}))
	refSize  = int(unsafe.Sizeof(ref{}))
)

// Len is the number of events.
func (b *Block) Len() int { return len(b.events) }

// Size is the number of bytes of the block before packing.
func (b *Block) Size() int { return len(b.wire) }

// Event returns the view of event i, 0 <= i < Len.
func (b *Block) Event(i int) Event { return Event{b, &b.events[i], i} }

// Names returns the block's local names: names[i] is Field FirstLocal+i.
func (b *Block) Names() []string { return b.names }

// NameOf returns the name of a field that occurs in this block.
func (b *Block) NameOf(f Field) string {
	if f < FirstLocal {
		return f.Name()
	}
	if i := int(f - FirstLocal); i < len(b.names) {
		return b.names[i]
	}
	return ""
}

// Local returns the block's number of a name that is not ECS, or 0.
func (b *Block) Local(name string) Field {
	for i, n := range b.names {
		if n == name {
			return FirstLocal + Field(i)
		}
	}
	return 0
}

// Event is a view of one event of a block. Copy it freely; it allocates nothing.
type Event struct {
	block *Block
	head  *head
	index int
}

// Block returns the block that holds the event.
func (e Event) Block() *Block { return e.block }

// Index is the event's index in its block.
func (e Event) Index() int { return e.index }

// ID is the event's id.
func (e Event) ID() string { return e.block.ID.EventID(e.index) }

// Received is when the line arrived.
func (e Event) Received() time.Time { return time.Unix(0, e.head.Received).UTC() }

// ReceivedNano is Received in Unix nanoseconds.
func (e Event) ReceivedNano() int64 { return e.head.Received }

// Time is the device's time, or Received when it has none.
func (e Event) Time() time.Time { return time.Unix(0, e.head.Time).UTC() }

// TimeNano is Time in Unix nanoseconds.
func (e Event) TimeNano() int64 { return e.head.Time }

// WindowNano is the time that windows use: Time, unless the clock is flagged.
func (e Event) WindowNano() int64 {
	if e.head.Flags&FlagClock != 0 {
		return e.head.Received
	}
	return e.head.Time
}

// Flags returns the event's flags.
func (e Event) Flags() uint16 { return e.head.Flags }

// Source returns who sent it.
func (e Event) Source() Source { return e.block.Sources[e.head.Source] }

// Raw is the line exactly as received.
func (e Event) Raw() []byte { return e.data()[:e.head.RawLen:e.head.RawLen] }

// Message is the free text, nil when the event has none.
func (e Event) Message() []byte {
	if e.head.MsgOff == nullOff {
		return nil
	}
	end := e.head.MsgOff + e.head.MsgLen
	return e.data()[e.head.MsgOff:end:end]
}

// Len is the number of field values.
func (e Event) Len() int { return int(e.head.RefCount) }

// At returns the i-th field and value. A null value is nil, an empty one is not.
func (e Event) At(i int) (Field, []byte) {
	r := e.block.refs[int(e.head.RefOff)+i]
	return r.name, e.value(r)
}

// Get returns the first value of f; nil and false when absent, nil and true when
// null.
func (e Event) Get(f Field) ([]byte, bool) {
	for _, r := range e.fieldRefs() {
		if r.name == f {
			return e.value(r), true
		}
	}
	return nil, false
}

// String returns the first value of f as text, "" when absent: a copy.
func (e Event) String(f Field) string { v, _ := e.Get(f); return string(v) }

func (e Event) fieldRefs() []ref {
	return e.block.refs[e.head.RefOff : e.head.RefOff+uint32(e.head.RefCount)]
}

func (e Event) data() []byte {
	end := e.head.DataOff + e.head.DataLen
	return e.block.data[e.head.DataOff:end:end]
}

func (e Event) value(r ref) []byte {
	if r.off == nullOff {
		return nil
	}
	if r.size == 0 {
		return []byte{}
	}
	end := r.off + uint32(r.size)
	return e.data()[r.off:end:end]
}

// ErrDamaged is what Decode returns, wrapped, for bytes that are no block.
var ErrDamaged = errors.New("damaged block")

func littleEndianHost() bool {
	one := uint16(1)
	return *(*byte)(unsafe.Pointer(&one)) == 1 && binary.NativeEndian.Uint16([]byte{1, 0}) == 1
}
