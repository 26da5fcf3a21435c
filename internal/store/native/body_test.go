package native

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"
)

// A body that is written, one that is read and the encoded block are the same
// bytes, for columns below and above what is gathered before a write.
func TestBody(t *testing.T) {
	for _, rows := range []int{0, 1, 3, 20_000} {
		columns := sampleColumns(rows)
		want := Encode(nil, columns)
		var written bytes.Buffer
		b := NewBody(columns)
		n, err := b.WriteTo(&written)
		if err != nil || n != int64(len(want)) || !bytes.Equal(written.Bytes(), want) {
			t.Errorf("%d rows: written %d bytes, %v; want the %d that Encode gives", rows, n, err, len(want))
		}
		if read, err := io.ReadAll(NewBody(columns)); err != nil || !bytes.Equal(read, want) {
			t.Errorf("%d rows: read %d bytes, %v; want the %d that Encode gives", rows, len(read), err, len(want))
		}
		b.End()
		if _, err := b.WriteTo(io.Discard); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("written after its end: %v", err)
		}
		if _, err := b.Read(make([]byte, 1)); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("read after its end: %v", err)
		}
	}
}

func sampleColumns(rows int) []Named {
	var port Numbers[uint16]
	var seen Numbers[int64]
	var raw Text
	var root = Fixed{Size: 32}
	var host Dict
	var ip Addresses
	var list DictList
	var alerts TextList
	var fields Pairs
	for i := range rows {
		port.Set(i, uint16(i))
		raw.Set(i, fmt.Appendf(nil, "line %d", i))
		root.Set(i, raw.buf)
		host.Set(i, fmt.Appendf(nil, "host%d", i%300))
		ip.Set(i, [16]byte{15: byte(i)})
		list.Add(i, fmt.Appendf(nil, "kind%d", i%5))
		alerts.Add(i, fmt.Appendf(nil, "alert %d", i))
		fields.Add(i, fields.Key(fmt.Appendf(nil, "name%d", i%7)), fmt.Appendf(nil, "value of %d", i))
	}
	columns := []Named{{"port", "UInt16", &port}, {"seen", "Nullable(Int64)", Present{&seen}}, {"raw", "String", &raw}, {"root", "FixedString(32)", &root},
		{"host", "LowCardinality(String)", &host}, {"ip", "IPv6", &ip}, {"list", "Array(LowCardinality(String))", &list},
		{"alerts", "Array(String)", &alerts}, {"fields", "Map(LowCardinality(String), String)", &fields}}
	for _, c := range columns {
		c.Column.Pad(rows)
	}
	return columns
}
