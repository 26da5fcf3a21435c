package agent

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// records reads what a batch holds; the server's reader is in ingest/agent.
func records(t testing.TB, body []byte) (all []Record) {
	t.Helper()
	number := func(b *[]byte) uint64 {
		n, size := binary.Uvarint(*b)
		if size <= 0 {
			t.Fatal("no number")
		}
		*b = (*b)[size:]
		return n
	}
	text := func(b *[]byte) string {
		n := number(b)
		s := string((*b)[:n])
		*b = (*b)[n:]
		return s
	}
	for len(body) > 0 {
		n := number(&body)
		one := body[:n]
		body = body[n:]
		r := Record{Input: text(&one), Path: text(&one), Offset: int64(number(&one))}
		at, size := binary.Varint(one)
		one = one[size:]
		r.Read = time.Unix(0, at).UTC()
		r.Host, r.Encoding, r.Original = text(&one), text(&one), int(number(&one))
		r.Raw = one
		all = append(all, r)
	}
	return all
}

func TestARecordComesBack(t *testing.T) {
	want := Record{Input: "files", Path: "/var/log/a.log", Offset: 77, Read: time.Unix(1_790_000_000, 5).UTC(), Host: "h", Encoding: "cp932", Original: 9, Raw: []byte("line")}
	b := want.appendTo(nil)
	got := records(t, append(binary.AppendUvarint(nil, uint64(len(b))), b...))
	if d := cmp.Diff([]Record{want}, got); d != "" {
		t.Error(d)
	}
}
