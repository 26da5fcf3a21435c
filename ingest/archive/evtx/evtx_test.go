package evtx

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func le(n uint64, size int) []byte { return binary.LittleEndian.AppendUint64(nil, n)[:size] }

func number(i int) piece   { return piece{value: i, isValue: true} }
func optional(i int) piece { return piece{value: i, isValue: true, optional: true} }

// logOn is the template of a log-on that failed, as Windows lays one out.
var logOn = node{"Event", []attribute{{"xmlns", piece{text: "http://schemas.microsoft.com/win/2004/08/events/event"}}}, []any{
	node{"System", nil, []any{
		node{"Provider", []attribute{{"Name", piece{text: "Microsoft-Windows-Security-Auditing"}}, {"Guid", number(0)}}, nil},
		node{"EventID", []attribute{{"Qualifiers", optional(9)}}, []any{number(1)}},
		node{"Keywords", nil, []any{number(2)}},
		node{"TimeCreated", []attribute{{"SystemTime", number(3)}}, nil},
		node{"Security", []attribute{{"UserID", optional(9)}}, nil},
	}},
	node{"EventData", nil, []any{
		node{"Data", []attribute{{"Name", piece{text: "TargetUserSid"}}}, []any{number(4)}},
		node{"Data", []attribute{{"Name", piece{text: "TargetUserName"}}}, []any{number(5)}},
		node{"Data", nil, []any{number(6)}},
		node{"Data", []attribute{{"Name", piece{text: "Elevated"}}}, []any{number(7)}},
	}},
	number(8),
}}

func values(user string) []given {
	return []given{
		{kindGUID, []byte{0x25, 0x96, 0x84, 0x54, 0x78, 0x54, 0x94, 0x49, 0xa5, 0xba, 0x3e, 0x3b, 0x03, 0x28, 0xc3, 0x0d}},
		{kindUint16, le(4625, 2)},
		{kindHex64, le(0x8010000000000000, 8)},
		{kindFileTime, le(134_084_736_001_234_567, 8)},
		{kindSID, append([]byte{1, 2, 0, 0, 0, 0, 0, 5}, append(le(21, 4), le(500, 4)...)...)},
		{kindString, wide(user)},
		{kindString | kindArray, append(append(wide("一つ目"), 0, 0), wide("two\r\n\x00")...)},
		{kindBool, le(1, 4)},
		{kindNull, nil},
		{kindNull, nil},
	}
}

const wantLogOn = `<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System>` +
	`<Provider Name="Microsoft-Windows-Security-Auditing" Guid="{54849625-5478-4994-a5ba-3e3b0328c30d}"/><EventID>4625</EventID>` +
	`<Keywords>0x8010000000000000</Keywords><TimeCreated SystemTime="2025-11-24T16:00:00.1234567Z"/><Security/></System>` +
	`<EventData><Data Name="TargetUserSid">S-1-5-21-500</Data><Data Name="TargetUserName">USER</Data><Data>一つ目</Data><Data>two&#13;&#10;</Data>` +
	`<Data Name="Elevated">true</Data></EventData></Event>`

func all(t testing.TB, text []byte) (xml []string, damaged []string) {
	t.Helper()
	r, err := NewReader(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for {
		x, err := r.Next()
		var d *DamagedError
		switch {
		case err == io.EOF:
			return xml, damaged
		case errors.As(err, &d):
			damaged = append(damaged, err.Error())
		case err != nil:
			t.Fatal(err)
		default:
			xml = append(xml, string(x))
		}
	}
}

// Two records share a template; a third has none, and the chunk behind is unused.
func TestRecordsBecomeTheXMLOfEventViewer(t *testing.T) {
	b := newBuilder()
	var at int
	b.record(func() { at = b.instance(0, logOn, values("佐藤 & <Co>")...) })
	b.record(func() { b.instance(at, logOn, values("mori")...) })
	b.record(func() {
		b.u8(tokenFragment, 1, 1, 0)
		b.element(node{"Event", nil, []any{node{"Channel", nil, []any{piece{text: "ForwardedEvents"}}}}}, false)
		b.u8(tokenEnd)
	})
	got, damaged := all(t, file(b.end(), make([]byte, chunkSize)))
	want := []string{
		strings.ReplaceAll(wantLogOn, "USER", "佐藤 &amp; &lt;Co&gt;"), strings.ReplaceAll(wantLogOn, "USER", "mori"),
		"<Event><Channel>ForwardedEvents</Channel></Event>",
	}
	if diff := cmp.Diff(want, got); diff != "" || damaged != nil {
		t.Error(diff, damaged)
	}
}

// A value may hold an event's data as BinXml of its own: with a template, or bare.
func TestBinXMLInsideAValue(t *testing.T) {
	b := newBuilder()
	b.record(func() {
		outer := node{"Event", nil, []any{number(0)}}
		inner := node{"UserData", nil, []any{node{"Name", nil, []any{number(0)}}}}
		b.instance(0, outer, given{kindBinXML, nil})
		size := len(b.chunk) - 4 // of the one value: its size, type, 0
		start := len(b.chunk)
		b.instance(0, inner, given{kindString, wide("kimura")})
		binary.LittleEndian.PutUint16(b.chunk[size:], uint16(len(b.chunk)-start))
	})
	got, damaged := all(t, file(b.end()))
	if diff := cmp.Diff([]string{"<Event><UserData><Name>kimura</Name></UserData></Event>"}, got); diff != "" || damaged != nil {
		t.Error(diff, damaged)
	}
}

// Damage costs the record or chunk that has it, and is told with its place.
func TestDamageIsToldAndPassedOver(t *testing.T) {
	b := newBuilder()
	var at int
	b.record(func() { at = b.instance(0, logOn, values("first")...) })
	short := b.record(func() { b.instance(at, logOn, values("short")...) })
	token := b.record(func() { b.instance(at, logOn, values("token")...) })
	b.record(func() { b.instance(at, logOn, values("last")...) })
	chunk := b.end()
	binary.LittleEndian.PutUint32(chunk[short+4:], 5)
	chunk[token+recordHeader+4] = 0x77
	bad := make([]byte, chunkSize)
	copy(bad, "ElfChnx")
	text := file(chunk, bad, chunk[:0])
	got, damaged := all(t, append(text, make([]byte, 100)...))
	want := []string{strings.ReplaceAll(wantLogOn, "USER", "first"), strings.ReplaceAll(wantLogOn, "USER", "last")}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for i, words := range []string{"record 2, chunk 0 at ", "record 3, chunk 0 at ", "chunk 1: it does not begin with ElfChnk", "chunk 2: it is cut"} {
		if i >= len(damaged) || !strings.Contains(damaged[i], words) {
			t.Errorf("damage %d of %q; want %q", i, damaged, words)
		}
	}
	for name, text := range map[string]string{"nothing": "", "short": Magic, "other": strings.Repeat("x", fileHeader)} {
		if _, err := NewReader(strings.NewReader(text)); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A template that holds itself ends; one value that is written a thousand times, too.
func TestBombsEnd(t *testing.T) {
	b := newBuilder()
	b.record(func() {
		b.u8(tokenFragment, 1, 1, 0, tokenTemplate, 1)
		b.u32(7)
		at := len(b.chunk) + 4
		b.u32(at)
		b.u32(0)
		b.u8(make([]byte, 16)...)
		b.u32(18)
		b.u8(tokenTemplate, 1)
		b.u32(7)
		b.u32(at)
		b.u32(0)
		b.u8(0, 0, 0, 0)
		b.u32(0)
	})
	many := node{"a", nil, nil}
	for range 2000 {
		many.inside = append(many.inside, number(0))
	}
	b.record(func() { b.instance(0, many, given{kindString, wide(strings.Repeat("bomb", 1000))}) })
	_, damaged := all(t, file(b.end()))
	if len(damaged) != 2 || !strings.Contains(damaged[0], "inside one another") || !strings.Contains(damaged[1], "KiB of XML") {
		t.Errorf("%q", damaged)
	}
}

func FuzzReader(f *testing.F) {
	b := newBuilder()
	var at int
	b.record(func() { at = b.instance(0, logOn, values("佐藤")...) })
	b.record(func() { b.instance(at, logOn, values("mori")...) })
	f.Add(b.chunk[chunkHeader:])
	f.Fuzz(func(t *testing.T, records []byte) {
		chunk := newBuilder()
		chunk.u8(records[:min(len(records), chunkSize-chunkHeader)]...)
		r, err := NewReader(bytes.NewReader(file(chunk.end())))
		if err != nil {
			t.Fatal(err)
		}
		for {
			x, err := r.Next()
			var d *DamagedError
			if err != nil && !errors.As(err, &d) {
				break
			}
			if len(x) > 2*maxXML || bytes.ContainsAny(x, "\n\x00") {
				t.Fatalf("%d bytes of XML, or a line end in it", len(x))
			}
		}
	})
}
