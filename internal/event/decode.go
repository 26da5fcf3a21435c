package event

import (
	"encoding/binary"
	"fmt"
	"time"
	"unsafe"
)

// Decode reads a block from its unpacked bytes, in place: the block keeps wire.
// Every offset is checked once here, so that views need no checks. The error
// wraps ErrDamaged and says what is wrong.
func Decode(wire []byte) (*Block, error) {
	if !littleEndianHost() {
		return nil, fmt.Errorf("%w: this host is big endian", ErrDamaged)
	}
	if len(wire) < formatFixed || string(wire[:4]) != magic {
		return nil, fmt.Errorf("%w: no %s header", ErrDamaged, magic)
	}
	if uintptr(unsafe.Pointer(unsafe.SliceData(wire)))%8 != 0 {
		wire = append(make([]byte, 0, len(wire)), wire...)
	}
	r := reader{rest: wire[formatFixed:]}
	var counts [5]int
	for i := range counts {
		counts[i] = int(binary.LittleEndian.Uint32(wire[4+4*i:]))
	}
	if counts[0] > MaxEvents || counts[3] > maxNames || counts[4] > MaxEvents {
		return nil, fmt.Errorf("%w: counts out of bounds", ErrDamaged)
	}
	b := &Block{wire: wire}
	b.events = view[head](r.take(counts[0] * headSize))
	b.refs = view[ref](r.take(counts[1] * refSize))
	b.ID = ID{Tenant: r.text(), Node: r.text(), Epoch: r.uvarint(), Seq: r.uvarint()}
	b.Created = time.Unix(0, r.varint()).UTC()
	b.names = make([]string, 0, counts[3])
	for range counts[3] {
		b.names = append(b.names, r.text())
	}
	b.Sources = make([]Source, 0, counts[4])
	for range counts[4] {
		b.Sources = append(b.Sources, Source{r.text(), r.text()})
	}
	b.Tallies = r.tallies()
	b.data = r.take(counts[2])
	if r.bad || len(r.rest) != 0 {
		return nil, fmt.Errorf("%w: cut short or too long", ErrDamaged)
	}
	return b, b.check()
}

// check proves that every offset lies inside its table.
func (b *Block) check() error {
	for i := range b.events {
		h := &b.events[i]
		switch {
		case int(h.Source) >= len(b.Sources),
			uint64(h.DataOff)+uint64(h.DataLen) > uint64(len(b.data)),
			uint64(h.RefOff)+uint64(h.RefCount) > uint64(len(b.refs)),
			h.RawLen > h.DataLen,
			h.MsgOff != nullOff && uint64(h.MsgOff)+uint64(h.MsgLen) > uint64(h.DataLen):
			return fmt.Errorf("%w: event %d points outside its block", ErrDamaged, i)
		}
		names := FirstLocal + Field(len(b.names))
		for _, r := range b.refs[h.RefOff : h.RefOff+uint32(h.RefCount)] {
			if r.off != nullOff && uint64(r.off)+uint64(r.size) > uint64(h.DataLen) {
				return fmt.Errorf("%w: event %d: a value points outside its event", ErrDamaged, i)
			}
			if r.name >= names {
				return fmt.Errorf("%w: event %d: unknown name %d", ErrDamaged, i, r.name)
			}
		}
	}
	return nil
}

// reader walks the variable tables; after the first fault it returns zeros.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) take(n int) []byte {
	if n < 0 || n > len(r.rest) {
		r.bad = true
		return nil
	}
	part := r.rest[:n:n]
	r.rest = r.rest[n:]
	return part
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 {
		r.bad = true
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.rest)
	if n <= 0 {
		r.bad = true
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *reader) text() string {
	n := r.uvarint()
	if n > uint64(len(r.rest)) {
		r.bad = true
		return ""
	}
	return string(r.take(int(n)))
}

func (r *reader) tallies() []Tally {
	n := r.uvarint()
	if n > uint64(len(r.rest)) {
		r.bad = true
		return nil
	}
	var list []Tally
	for range n {
		t := Tally{Source: Source{r.text(), r.text()}, Received: r.uvarint()}
		count := r.take(1)
		if r.bad {
			return nil
		}
		for i := range int(count[0]) {
			if v := r.uvarint(); i < len(t.Refused) {
				t.Refused[i] = v
			}
		}
		list = append(list, t)
	}
	return list
}

// view reads fixed-size records in place.
func view[T head | ref](raw []byte) []T {
	var one T
	if len(raw) == 0 {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(raw))), len(raw)/int(unsafe.Sizeof(one)))
}
