package agent

import (
	"encoding/binary"
	"time"
)

// MaxRaw is the longest record in bytes: what yagura keeps of a line at most.
const MaxRaw = 256 << 10

// Record is one thing that an input read.
type Record struct {
	Input    string    // kind of the input: files, journald, winlog, agent
	Path     string    // file or channel; "" is none
	Offset   int64     // place in the file, in bytes; 0 where there is none
	Read     time.Time // when, by the clock of the host
	Host     string    // who wrote it; "" is the agent's host
	Encoding string    // what Raw was converted from; "" when it is as in the file
	Original int       // bytes before Raw was cut; 0 is not cut
	Raw      []byte    // used during the call only
}

// appendTo encodes the record as the wire and the spool hold it.
func (r *Record) appendTo(b []byte) []byte {
	b = appendText(b, r.Input)
	b = appendText(b, r.Path)
	b = binary.AppendUvarint(b, uint64(max(r.Offset, 0)))
	b = binary.AppendVarint(b, r.Read.UnixNano())
	b = appendText(b, r.Host)
	b = appendText(b, r.Encoding)
	b = binary.AppendUvarint(b, uint64(max(r.Original, 0)))
	return append(b, r.Raw...)
}

func appendText[T string | []byte](b []byte, s T) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// magic begins the body of a request; ingest/agent reads it.
const magic = "YGA1"

// unknownOffset is the clock offset before it was measured.
const unknownOffset = time.Duration(-1 << 63)

// header is the head of a request with records.
type header struct {
	Agent, Host, Version string
	First                uint64 // sequence of the first record
	Count                int
	Clock                time.Time     // the host's, at sending
	Offset               time.Duration // host clock less server clock; unknownOffset
}

func (h *header) appendTo(b []byte) []byte {
	b = append(b, magic...)
	b = appendText(b, h.Agent)
	b = appendText(b, h.Host)
	b = appendText(b, h.Version)
	b = binary.LittleEndian.AppendUint64(b, h.First)
	b = binary.LittleEndian.AppendUint32(b, uint32(h.Count))
	b = binary.LittleEndian.AppendUint64(b, uint64(h.Clock.UnixNano()))
	return binary.LittleEndian.AppendUint64(b, uint64(h.Offset))
}
