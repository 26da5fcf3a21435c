package store

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yagura/internal/event"
)

// What a typed column cannot hold exactly is in fields; nothing is lost, nothing
// is doubled. One event a row, told apart by its index.
func TestFieldsKept(t *testing.T) {
	db := newDB(t)
	set := func(pairs ...string) func(*event.Draft) {
		return func(d *event.Draft) {
			for i := 0; i < len(pairs); i += 2 {
				d.SetString(d.Local(pairs[i]), pairs[i+1])
			}
		}
	}
	tests := []struct {
		fill func(*event.Draft)
		sql  string
		want string
	}{
		{set("user.name", "root"), "user_name, fields", `["root",{}]`},
		{set("user.name", "a", "user.name", "b", "x", "1"), "user_name, mapSort(fields)", "[\"a\",{\"user.name\":\"a\\u001fb\",\"x\":\"1\"}]"},
		{set("process.args", "ls", "process.args", "-l"), "fields", "[{\"process.args\":\"ls\\u001f-l\"}]"},
		{set("event.category", "web", "event.category", "file"), "event_category, fields", `[["web","file"],{}]`},
		{set("source.ip", "192.0.2.1", "destination.ip", "2001:db8::1"), "source_address, destination_address, fields", `["192.0.2.1","2001:db8::1",{}]`},
		{set("source.ip", "fe80::1%eth0"), "source_address, fields", `["",{"source.ip":"fe80::1%eth0"}]`},
		{set("source.port", "65535", "destination.port", "65536"), "source_port, destination_port, fields", `[65535,0,{"destination.port":"65536"}]`},
		{set("source.port", "007", "source.bytes", "-1", "network.bytes", "9223372036854775808"), "source_port, source_bytes, network_bytes, mapSort(fields)",
			`[0,0,"9223372036854775808",{"source.bytes":"-1","source.port":"007"}]`},
		{set("log.syslog.severity.code", "0"), "severity_code, facility_code", "[0,-1]"},
		{func(d *event.Draft) { d.SetNull(event.UserName) }, "user_name, fields", `["",{"user.name":""}]`},
		{func(d *event.Draft) { d.Flags = event.FlagUnparsed | event.FlagClock }, "unparsed, partial, clock_wrong", "[true,false,true]"},
		{func(d *event.Draft) { d.SetMessage(d.Raw()[4:]) }, "message, message_at, message_text", `["line",4,""]`},
		{func(d *event.Draft) { d.SetMessage([]byte("line")) }, "message, message_at, message_text", `["line",4,""]`},
		{func(d *event.Draft) { d.SetMessage([]byte("other")) }, "message, message_len, message_text", `["other",0,"other"]`},
		{set("tab\t'name\\", "v\t'\\\x00\n"), "fields", `[{"tab\t'name\\":"v\t'\\\u0000\n"}]`},
		{set("event.action", strings.Repeat("x", 300)), "length(event_action)", "[300]"},
	}
	var b event.Builder
	var d event.Draft
	for _, tt := range tests {
		d.Reset([]byte("raw line"))
		d.Received = sampleStart
		tt.fill(&d)
		b.Append(&d)
	}
	block, err := b.Block(event.ID{Tenant: "demo", Node: "n", Epoch: 0, Seq: 1}, sampleStart)
	if err != nil {
		t.Fatal(err)
	}
	insert(t, db.NewWriter(), Group{FirstSeq: 1, LastSeq: 1, Blocks: []Block{{Seq: 1, Block: block}}})
	for i, tt := range tests {
		got := ask(t, db, "SELECT "+tt.sql+" FROM events WHERE idx = "+number64(uint64(i)))
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%d: %s (-want +got):\n%s", i, tt.sql, diff)
		}
	}
	if got := ask(t, db, "SELECT event_id FROM events WHERE idx = 3"); got != `["demo/n/0/1/3"]` {
		t.Errorf("event_id %s", got)
	}
	if id := block.Event(3).ID(); id != "demo/n/0/1/3" {
		t.Errorf("event.ID %s", id)
	}
}

// Many local names, dictionaries beyond 256 and 65536 words.
func TestWideDictionaries(t *testing.T) {
	db := newDB(t)
	w := db.NewWriter()
	var g Group
	for seq := uint64(1); seq <= 9; seq++ {
		var b event.Builder
		var d event.Draft
		for i := range uint64(8000) {
			n := number64(seq*8000 + i)
			d.Reset([]byte(n))
			d.Received = sampleStart
			d.SetString(event.UserName, "user"+n)
			d.SetString(event.RuleID, number64(i%700))
			d.SetString(d.Local("vendor."+number64(i%900)), n)
			b.Append(&d)
		}
		block, err := b.Block(event.ID{Tenant: "demo", Node: "n", Epoch: 1, Seq: seq}, sampleStart)
		if err != nil {
			t.Fatal(err)
		}
		g.Blocks = append(g.Blocks, Block{Seq: seq, Block: block})
	}
	g.FirstSeq, g.LastSeq = 1, 9
	insert(t, w, g)
	got := ask(t, db, `SELECT count(), uniqExact(user_name), uniqExact(rule_id), countIf(user_name = concat('user', raw)),
		countIf(fields[concat('vendor.', toString(idx % 900))] = raw), countIf(rule_id = toString(idx % 700)) FROM events`)
	if want := "[72000,72000,700,72000,72000,72000]"; got != want {
		t.Errorf("got %s; want %s", got, want)
	}
}

func FuzzAddress4(f *testing.F) {
	for _, s := range []string{"192.0.2.1", "0.0.0.0", "255.255.255.255", "256.0.0.1", "01.2.3.4", "1.2.3", "1.2.3.4.5", "1..2.3", "1.2.3.", "00.0.0.0", "::1", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want, err := netip.ParseAddr(s)
		got, ok := address4([]byte(s))
		if is4 := err == nil && want.Is4(); ok != is4 || ok && got != want.As16() {
			t.Errorf("%q: %v %v; netip says %v, %v", s, got, ok, want, err)
		}
	})
}
