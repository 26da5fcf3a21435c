package agent

import (
	"encoding/binary"
	"errors"
)

// errProto says that bytes are no protobuf message.
var errProto = errors.New("no protobuf message")

// Wire types of protobuf (protobuf.dev, "Encoding").
const (
	pbVarint = 0
	pbFixed8 = 1
	pbBytes  = 2
	pbFixed4 = 5
)

// pbField is a field of a message.
type pbField struct {
	number, wire int
	n            uint64 // of a varint, or of 4 or 8 bytes
	b            []byte // of a string, of bytes, of a message
}

// pbVar reads a varint and its width; 0: there is none.
func pbVar(b []byte) (v uint64, width int) {
	v, width = binary.Uvarint(b)
	return v, max(0, width)
}

// pbNext cuts a field off. Lengths are checked before anything is done with them;
// groups, which have been gone since proto2, are none.
func pbNext(b []byte) (f pbField, rest []byte, err error) {
	tag, n := pbVar(b)
	if n == 0 || tag>>3 == 0 || tag>>3 > 1<<29-1 {
		return f, nil, errProto
	}
	f.number, f.wire, b = int(tag>>3), int(tag&7), b[n:]
	switch f.wire {
	case pbVarint:
		if f.n, n = pbVar(b); n == 0 {
			return f, nil, errProto
		}
		return f, b[n:], nil
	case pbFixed8:
		if len(b) < 8 {
			return f, nil, errProto
		}
		f.n = binary.LittleEndian.Uint64(b)
		return f, b[8:], nil
	case pbFixed4:
		if len(b) < 4 {
			return f, nil, errProto
		}
		f.n = uint64(binary.LittleEndian.Uint32(b))
		return f, b[4:], nil
	case pbBytes:
		size, n := pbVar(b)
		if n == 0 || size > uint64(len(b)-n) {
			return f, nil, errProto
		}
		end := n + int(size)
		f.b = b[n:end:end]
		return f, b[end:], nil
	}
	return f, nil, errProto
}

// pbEach calls f for each field of a message.
func pbEach(b []byte, f func(field pbField) error) error {
	for len(b) > 0 {
		field, rest, err := pbNext(b)
		if err == nil {
			err = f(field)
		}
		if err != nil {
			return err
		}
		b = rest
	}
	return nil
}

// pbMessages calls f for each field of that number, which must be messages.
func pbMessages(b []byte, number int, f func(message []byte) error) error {
	return pbEach(b, func(field pbField) error {
		switch {
		case field.number != number:
			return nil
		case field.wire != pbBytes:
			return errProto
		}
		return f(field.b)
	})
}

func pbAppendVarint(b []byte, number int, v uint64) []byte {
	return binary.AppendUvarint(append(b, byte(number<<3|pbVarint)), v)
}

func pbAppendBytes(b []byte, number int, v string) []byte {
	return append(binary.AppendUvarint(append(b, byte(number<<3|pbBytes)), uint64(len(v))), v...)
}
