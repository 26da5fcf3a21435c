package native

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/ClickHouse/ch-go/proto"
	"github.com/google/go-cmp/cmp"
)

// decode reads a Native block with ch-go, which knows the format by itself.
func decode(t *testing.T, body []byte) map[string]string {
	t.Helper()
	var results proto.Results
	r := proto.NewReader(bytes.NewReader(body))
	var b proto.Block
	if err := b.DecodeRawBlock(r, 0, results.Auto()); err != nil {
		t.Fatal(err)
	}
	if _, err := r.ReadByte(); !errors.Is(err, io.EOF) {
		t.Fatalf("bytes are left behind the block: %v", err)
	}
	got := map[string]string{}
	for _, c := range results {
		var rows []string
		for i := range b.Rows {
			rows = append(rows, row(c.Data, i))
		}
		got[c.Name] = fmt.Sprint(c.Data.Type(), " ", strings.Join(rows, " "))
	}
	return got
}

func row(data proto.ColResult, i int) string {
	if auto, ok := data.(*proto.ColAuto); ok {
		return row(auto.Data.(proto.ColResult), i)
	}
	switch c := data.(type) {
	case *proto.ColStr:
		return fmt.Sprintf("%q", c.Row(i))
	case *proto.ColLowCardinality[string]:
		return fmt.Sprintf("%q", c.Row(i))
	case *proto.ColUInt16:
		return fmt.Sprint(c.Row(i))
	case *proto.ColInt8:
		return fmt.Sprint(c.Row(i))
	case *proto.ColIPv6:
		return c.Row(i).ToIP().String()
	case *proto.ColArr[string]:
		return fmt.Sprintf("%q", c.Row(i))
	case *proto.ColMap[string, string]:
		return fmt.Sprint(c.Row(i))
	}
	return fmt.Sprintf("%T", data)
}

func TestEncode(t *testing.T) {
	var port Numbers[uint16]
	code := Numbers[int8]{Empty: -1}
	var raw Text
	var host Dict
	var ip Addresses
	var list DictList
	port.Set(1, 443)
	code.Set(0, 0)
	raw.Set(2, []byte("a\x00b"))
	host.Set(0, []byte("web1"))
	host.Set(2, []byte("web1"))
	ip.Set(1, [16]byte{10: 0xff, 11: 0xff, 12: 192, 13: 0, 14: 2, 15: 1})
	list.Add(1, []byte("x"))
	list.Add(1, []byte("y"))
	list.Add(2, nil)
	columns := []Named{{"port", "UInt16", &port}, {"code", "Int8", &code}, {"raw", "String", &raw},
		{"host", "LowCardinality(String)", &host}, {"ip", "IPv6", &ip}, {"list", "Array(LowCardinality(String))", &list}}
	want := map[string]string{
		"port": "UInt16 0 443 0", "code": "Int8 0 -1 -1", "raw": `String "" "" "a\x00b"`,
		"host": `LowCardinality(String) "web1" "" "web1"`, "ip": "IPv6 :: ::ffff:192.0.2.1 ::",
		"list": `Array(LowCardinality(String)) [] ["x" "y"] [""]`,
	}
	for range 2 { // memory is used again
		for _, c := range columns {
			c.Column.Pad(3)
		}
		if diff := cmp.Diff(want, decode(t, Encode(nil, columns))); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		for _, c := range columns {
			c.Column.Reset()
			if c.Column.Rows() != 0 {
				t.Errorf("%s keeps rows after Reset", c.Name)
			}
		}
		port.Set(1, 443)
		code.Set(0, 0)
		raw.Set(2, []byte("a\x00b"))
		host.Set(0, []byte("web1"))
		host.Set(2, []byte("web1"))
		ip.Set(1, [16]byte{10: 0xff, 11: 0xff, 12: 192, 13: 0, 14: 2, 15: 1})
		list.Add(1, []byte("x"))
		list.Add(1, []byte("y"))
		list.Add(2, nil)
	}
}

func TestPairs(t *testing.T) {
	var m Pairs
	m.Add(0, m.Key([]byte("a")), []byte("1"))
	mark := m.Mark()
	m.Add(2, m.Key([]byte("b")), []byte("2"))
	m.Add(2, m.Key([]byte("a")), []byte("3"))
	m.Rewind(mark)
	m.Add(2, m.Key([]byte("c")), []byte("4"))
	m.Pad(4)
	want := []map[string]string{{"a": "1"}, {}, {"c": "4"}, {}}
	if diff := cmp.Diff(any(want), m.Values()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The dictionary gives equal words one index, whatever its cache says.
func TestDictionary(t *testing.T) {
	var d Dict
	words := make([][]byte, 0, 5000)
	for i := range 5000 {
		words = append(words, fmt.Appendf(nil, "%s%d", strings.Repeat("w", i%40), i/3))
	}
	for i, w := range words {
		d.Set(i, w)
	}
	for i, s := range d.Values().([]string) {
		if s != string(words[i]) {
			t.Fatalf("row %d is %q; want %q", i, s, words[i])
		}
		if d.Index(words[i]) != d.keys[i] {
			t.Fatalf("word %q has two indexes", words[i])
		}
	}
}
