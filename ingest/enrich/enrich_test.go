package enrich

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yagura/internal/event"
)

func nets(list ...string) (out []netip.Prefix) {
	for _, s := range list {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}

var body = Config{
	Zones: []Zone{
		{ID: "internet", Name: "インターネット接続系", Networks: nets("192.0.2.0/24", "2001:db8:1::/48")},
		{ID: "mynumber", Name: "マイナンバー事務系", Networks: nets("10.1.0.0/16")},
		{ID: "lgwan", Networks: nets("10.2.0.0/16", "10.1.99.0/24")},
		{ID: "dmz", Networks: nets("10.3.0.0/16")},
	},
	Flows: []Flow{
		{From: "mynumber", To: "internet", Destination: netip.MustParsePrefix("192.0.2.80/32"), Port: 443, Note: "無害化通信"},
		{From: "dmz", To: "internet", Port: 25},
		{From: "mynumber", To: Outside, Destination: netip.MustParsePrefix("203.0.113.8/32")},
	},
	Assets: []Asset{
		{Address: netip.MustParsePrefix("192.0.2.10/32"), Name: "web01", Site: "本庁", Confidentiality: 1, Integrity: 2, Availability: 2},
		{Address: netip.MustParsePrefix("10.1.0.5/32"), Name: "juki", Site: "支所", Confidentiality: 3, Integrity: 3, Availability: 2},
		{Address: netip.MustParsePrefix("10.1.8.0/24"), Name: "guests", Zone: "internet"},
		{Address: netip.MustParsePrefix("192.0.2.1/32"), Name: "fw01"},
	},
}

// draft makes a draft of "name=value" pairs; "peer" is the sender.
func draft(pairs ...string) *event.Draft {
	d := new(event.Draft)
	d.Reset([]byte("<13>line"))
	for _, p := range pairs {
		name, value, _ := strings.Cut(p, "=")
		if name == "peer" {
			d.Source.Peer = value
			continue
		}
		d.SetString(d.Local(name), value)
	}
	return d
}

// added renders the fields that enrichment sets.
func added(d *event.Draft) string {
	var out []string
	for i := range d.Len() {
		f, v := d.At(i)
		name := d.NameOf(f)
		if strings.HasPrefix(name, "yagura.") || f == event.NetworkDirection {
			out = append(out, strings.TrimPrefix(name, "yagura.")+"="+string(v))
		}
	}
	sort.Strings(out)
	return strings.Join(out, " ")
}

func TestEnrich(t *testing.T) {
	tests := []struct{ in, want string }{
		{"source.ip=203.0.113.9 destination.ip=192.0.2.10 peer=192.0.2.1",
			"asset.class=C1I2A2 destination.asset=web01 destination.zone=internet host.asset=fw01 network.direction=inbound site=本庁 source.zone=outside zone=internet"},
		{"source.ip=192.0.2.77 destination.ip=203.0.113.9 network.direction=inbound",
			"destination.zone=outside network.direction=outbound source.zone=internet zone=internet"},
		{"source.ip=192.0.2.77 destination.ip=192.0.2.10",
			"asset.class=C1I2A2 destination.asset=web01 destination.zone=internet network.direction=internal site=本庁 source.zone=internet zone=internet"},
		{"source.ip=203.0.113.9 destination.ip=198.51.100.1 peer=192.0.2.1",
			"destination.zone=outside host.asset=fw01 network.direction=external source.zone=outside zone=internet"},
		// Policy 6-3-1.
		{"source.ip=10.1.0.5 destination.ip=192.0.2.10 destination.port=443",
			"asset.class=C3I3A2 destination.asset=web01 destination.zone=internet flow=forbidden network.direction=crossing site=支所 source.asset=juki source.zone=mynumber zone=mynumber"},
		{"source.ip=10.1.0.6 destination.ip=192.0.2.80 destination.port=443",
			"destination.zone=internet flow=allowed network.direction=crossing source.zone=mynumber zone=mynumber"},
		{"source.ip=10.1.0.6 destination.ip=192.0.2.80 destination.port=80",
			"destination.zone=internet flow=forbidden network.direction=crossing source.zone=mynumber zone=mynumber"},
		{"source.ip=10.1.0.6 destination.ip=192.0.2.80",
			"destination.zone=internet flow=forbidden network.direction=crossing source.zone=mynumber zone=mynumber"},
		{"source.ip=10.2.0.6 destination.ip=10.1.0.6",
			"destination.zone=mynumber flow=forbidden network.direction=crossing source.zone=lgwan zone=lgwan"},
		{"source.ip=10.1.0.6 destination.ip=203.0.113.9",
			"destination.zone=outside flow=forbidden network.direction=outbound source.zone=mynumber zone=mynumber"},
		{"source.ip=10.1.0.6 destination.ip=203.0.113.8 destination.port=53",
			"destination.zone=outside flow=allowed network.direction=outbound source.zone=mynumber zone=mynumber"},
		// Other zones: allowed, unless the pair is listed.
		{"source.ip=10.2.0.6 destination.ip=192.0.2.7", "destination.zone=internet flow=allowed network.direction=crossing source.zone=lgwan zone=lgwan"},
		{"source.ip=10.3.0.6 destination.ip=192.0.2.7 destination.port=25", "destination.zone=internet flow=allowed network.direction=crossing source.zone=dmz zone=dmz"},
		{"source.ip=10.3.0.6 destination.ip=192.0.2.7 destination.port=22", "destination.zone=internet flow=forbidden network.direction=crossing source.zone=dmz zone=dmz"},
		// The longest prefix; an asset's own zone.
		{"source.ip=10.1.99.1 destination.ip=10.1.8.3",
			"destination.asset=guests destination.zone=internet flow=allowed network.direction=crossing source.zone=lgwan zone=lgwan"},
		// One end.
		{"source.ip=203.0.113.9 peer=192.0.2.10", "asset.class=C1I2A2 host.asset=web01 site=本庁 source.zone=outside zone=internet"},
		{"destination.ip=203.0.113.9 network.direction=outbound", "destination.zone=outside network.direction=outbound"},
		{"host.ip=10.1.0.5 peer=agent-7", "asset.class=C3I3A2 host.asset=juki site=支所 zone=mynumber"},
		{"peer=198.51.100.7", ""},
		// A zone that the sources' settings gave.
		{"yagura.zone=dmz peer=192.0.2.1", "host.asset=fw01 zone=dmz"},
		{"yagura.zone=dmz source.ip=10.2.0.1", "source.zone=lgwan zone=lgwan"},
		// The link.
		{"source.ip=192.0.2.7 destination.ip=224.0.0.251", "network.direction=internal source.zone=internet zone=internet"},
		{"source.ip=0.0.0.0 destination.ip=255.255.255.255", "network.direction=internal"},
		{"source.ip=fe80::1%eth0 destination.ip=ff02::1", "network.direction=internal"},
		{"source.ip=203.0.113.9 destination.ip=127.0.0.1", "source.zone=outside"},
		// Forms of addresses.
		{"source.ip=::ffff:192.0.2.7 destination.ip=2001:DB8:1::9", "destination.zone=internet network.direction=internal source.zone=internet zone=internet"},
		{"source.ip=192.0.2.999 destination.ip=192.0.2.7", "destination.zone=internet zone=internet"},
		{"source.ip=host destination.ip=", ""},
		{"source.ip=1.2.3.4.5", ""},
		{"source.ip=192.0.2.01", ""},
	}
	e, err := New(body)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		d := draft(strings.Split(tt.in, " ")...)
		e.Enrich(d)
		if diff := cmp.Diff(tt.want, added(d)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.in, diff)
		}
	}
}

func TestEnrichWithoutZones(t *testing.T) {
	e, err := New(Config{Assets: []Asset{{Address: netip.MustParsePrefix("192.168.7.7/32"), Name: "juki", Zone: "mynumber"}}})
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		"source.ip=10.0.0.1 destination.ip=203.0.113.9":     "destination.zone=outside network.direction=outbound source.zone=inside zone=inside",
		"source.ip=172.31.0.1 destination.ip=fd00::1":       "destination.zone=inside network.direction=internal source.zone=inside zone=inside",
		"source.ip=172.32.0.1 destination.ip=127.0.0.1":     "destination.zone=inside network.direction=inbound source.zone=outside zone=inside",
		"source.ip=10.0.0.1 destination.ip=192.168.7.7":     "destination.asset=juki destination.zone=mynumber flow=forbidden network.direction=crossing source.zone=inside zone=inside",
		"source.ip=192.168.1.1 destination.ip=239.255.1.10": "network.direction=internal source.zone=inside zone=inside",
	} {
		d := draft(strings.Split(in, " ")...)
		e.Enrich(d)
		if diff := cmp.Diff(want, added(d)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", in, diff)
		}
	}
}

func TestNewErrors(t *testing.T) {
	assets, err := ReadAssets("a.csv", strings.NewReader("名前,アドレス,ゾーン\n住民票,192.0.2.1,mynumbr\n"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = New(Config{
		Zones: []Zone{
			{ID: "a", Networks: nets("192.0.2.0/24")}, {ID: "a"}, {}, {ID: Outside},
			{ID: "b", Networks: nets("192.0.2.0/24", "192.0.2.7/24")},
		},
		Flows:  []Flow{{From: "a", To: "c"}, {From: "b", To: "b", Destination: netip.MustParsePrefix("192.0.2.7/24")}},
		Assets: assets,
	})
	want := `zones[1].id: "a" once more; would be right: one entry with all its networks
zones[2].id: empty; would be right: a short name such as internet
zones[3].id: "outside"; would be right: another name, this one is what no zone holds
zones[4].networks[0]: 192.0.2.0/24 is also in zone "a"; would be right: each network in one zone
zones[4].networks[1]: 192.0.2.7/24; would be right: 192.0.2.0/24
a.csv:2:15: zone: "mynumbr"; would be right: one of a, b, outside
flows[0].to: "c"; would be right: one of a, b, outside
flows[1].destination: 192.0.2.7/24; would be right: 192.0.2.0/24
flows[1].to: "b", the same as from; would be right: another zone`
	if err == nil {
		t.Fatal("no error")
	}
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(err.Error(), "\n")); diff != "" {
		t.Error(diff)
	}
}

// TestTable compares look-ups with the plain search for the longest prefix.
func TestTable(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	random := func() netip.Addr {
		if rnd.IntN(2) == 0 {
			return netip.AddrFrom4([4]byte{byte(rnd.IntN(2)) * 255, byte(rnd.IntN(3)) * 127, byte(rnd.IntN(4)), byte(rnd.IntN(256))})
		}
		return netip.AddrFrom16([16]byte{0: byte(rnd.IntN(2)) * 255, 7: byte(rnd.IntN(3)), 8: byte(rnd.IntN(2)), 15: byte(rnd.IntN(4))})
	}
	for range 300 {
		var cfg Config
		for i := range 1 + rnd.IntN(30) {
			a := random()
			p, _ := a.Prefix(rnd.IntN(a.BitLen() + 1))
			cfg.Assets = append(cfg.Assets, Asset{Address: p, Name: fmt.Sprint(i)})
		}
		e, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		for range 100 {
			a := random()
			want := ""
			bits := -1
			for _, as := range cfg.Assets {
				if as.Address.Contains(a) && as.Address.Bits() >= bits {
					want, bits = as.Name, as.Address.Bits()
				}
			}
			got := ""
			if _, as := e.Find(a); as != nil {
				got = as.Name
			}
			if got != want {
				t.Fatalf("%v: asset %q, want %q of %v", a, got, want, cfg.Assets)
			}
		}
	}
}

func TestParseAddr(t *testing.T) {
	for _, s := range []string{"1.2.3.4", "0.0.0.0", "255.255.255.255", "256.1.1.1", "1.2.3", "1..2.3", "1.2.3.", ".1.2.3", "01.2.3.4",
		"1.2.3.4 ", "1.2.3.04", "1.2.3.0", "::", "::1", "fe80::1%eth0", "1:2:3:4:5:6:7:8:9", "::ffff:1.2.3.4", "a:b", ""} {
		want, err := netip.ParseAddr(s)
		n := new(Enricher).end([]byte(s))
		got, ok := n.addr(), n.ok
		if ok != (err == nil) || ok && got != want.Unmap().WithZone("") {
			t.Errorf("%q: %v %v, netip says %v %v", s, got, ok, want, err)
		}
	}
}

func benchmarkEnricher(b testing.TB) *Enricher {
	cfg := body
	for i := range 5000 {
		a := netip.AddrFrom4([4]byte{10, 2, byte(i >> 8), byte(i)})
		cfg.Assets = append(cfg.Assets, Asset{Address: netip.PrefixFrom(a, 32), Name: fmt.Sprintf("pc%d", i), Confidentiality: 1})
	}
	e, err := New(cfg)
	if err != nil {
		b.Fatal(err)
	}
	return e
}

func TestEnrichAllocates(t *testing.T) {
	e := benchmarkEnricher(t)
	d := new(event.Draft)
	line := []byte("<13>10.2.7.7 2001:db8:1::9 443")
	n := testing.AllocsPerRun(100, func() { enrichLine(e, d, line) })
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func enrichLine(e *Enricher, d *event.Draft, line []byte) {
	d.Reset(line)
	d.Source.Peer = "192.0.2.1"
	raw := d.Raw()
	d.Set(event.SourceIP, raw[4:12])
	d.Set(event.DestinationIP, raw[13:26])
	d.Set(event.DestinationPort, raw[27:])
	e.Enrich(d)
}

// BenchmarkEnrich is a flow with both ends, sender, 5000 assets; "reset" is what
// of it is not enrichment.
func BenchmarkEnrich(b *testing.B) {
	e := benchmarkEnricher(b)
	d := new(event.Draft)
	b.Run("flow", func(b *testing.B) {
		line := []byte("<13>10.2.7.7 203.0.113.222 443")
		b.ReportAllocs()
		for b.Loop() {
			enrichLine(e, d, line)
		}
	})
	b.Run("reset", func(b *testing.B) {
		line := []byte("<13>10.2.7.7 203.0.113.222 443")
		for b.Loop() {
			d.Reset(line)
			raw := d.Raw()
			d.Set(event.SourceIP, raw[4:12])
			d.Set(event.DestinationIP, raw[13:26])
			d.Set(event.DestinationPort, raw[27:])
		}
	})
}
