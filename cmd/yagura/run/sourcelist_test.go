package run

import (
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yagura/cmd/yagura/config"
	"yagura/internal/store"
)

func TestProposals(t *testing.T) {
	winter, summer := mustTime(t, "2026-01-15T00:00:00Z"), mustTime(t, "2026-07-15T00:00:00Z")
	pinned := config.Default()
	match := func(s string) (m config.Match) {
		t.Helper()
		if err := m.UnmarshalText([]byte(s)); err != nil {
			t.Fatal(err)
		}
		return m
	}
	pinned.Sources = []config.Source{{Match: match("192.0.2.0/24"), Timezone: "UTC"}, {Match: match("192.0.2.1"), Device: "yamaha.rtx"}, {Match: match("fw*"), Timezone: "America/New_York"}}
	row := func(source string, lines, other uint64, low, middle, high float64) SourceRow {
		return SourceRow{Source: source, Lines: lines, Parsers: []string{"yamaha.rtx", "generic.kv"}, Shares: []uint64{lines - other, other}, Zoneless: lines, OffsetLow: low, OffsetMiddle: middle, OffsetHigh: high, ClockOffset: middle}
	}
	for name, c := range map[string]struct {
		row            SourceRow
		cfg            config.Config
		at             time.Time
		proposal, note string
	}{
		"sure":                   {row("192.0.2.9", 100, 2, -1, 0, 1), config.Default(), winter, "{match: 192.0.2.9, device: yamaha.rtx}", ""},
		"a name to quote":        {row("CN=gw 1", 100, 2, -1, 0, 1), config.Default(), winter, "{match: 'CN=gw 1', device: yamaha.rtx}", ""},
		"IPv6":                   {row("2001:db8::7", 100, 2, -1, 0, 1), config.Default(), winter, "{match: '2001:db8::7', device: yamaha.rtx}", ""},
		"two formats":            {row("192.0.2.9", 100, 30, -1, 0, 1), config.Default(), winter, "", ""},
		"too few":                {row("192.0.2.9", 19, 0, -1, 0, 1), config.Default(), winter, "", ""},
		"UTC in Tokyo":           {row("192.0.2.9", 100, 30, -32403, -32401, -32390), config.Default(), winter, "{match: 192.0.2.9, timezone: UTC}", "clock -9h off: timezone UTC?"},
		"a spread":               {row("192.0.2.9", 100, 30, -40000, -32401, -32390), config.Default(), winter, "", "clock -9h off: NTP?"},
		"no quarter":             {row("192.0.2.9", 100, 30, -32100, -32100, -32100), config.Default(), winter, "", "clock -8h55m off: NTP?"},
		"New York in winter":     {row("192.0.2.9", 100, 30, -50400, -50400, -50400), config.Default(), winter, "{match: 192.0.2.9, timezone: America/New_York}", "clock -14h off: timezone America/New_York?"},
		"New York in summer":     {row("192.0.2.9", 100, 30, -46800, -46800, -46800), config.Default(), summer, "{match: 192.0.2.9, timezone: America/New_York}", "clock -13h off: timezone America/New_York?"},
		"India":                  {row("192.0.2.9", 100, 30, -12600, -12600, -12600), config.Default(), summer, "{match: 192.0.2.9, timezone: Asia/Kolkata}", "clock -3h30m off: timezone Asia/Kolkata?"},
		"no such zone":           {row("192.0.2.9", 100, 30, 86400, 86400, 86400), config.Default(), winter, "", "clock +24h off: NTP?"},
		"years":                  {row("192.0.2.9", 100, 30, -864000, -864000, -864000), config.Default(), winter, "", "clock -10d off: NTP?"},
		"pinned":                 {row("192.0.2.1", 100, 2, -1, 0, 1), pinned, winter, "", ""},
		"pinned to UTC, is JST":  {row("192.0.2.9", 100, 30, 32400, 32400, 32400), pinned, winter, "{match: 192.0.2.9, timezone: Asia/Tokyo}", "clock +9h off: timezone Asia/Tokyo?"},
		"a name pinned, is UTC":  {row("fw01", 100, 30, 18000, 18000, 18000), pinned, winter, "{match: fw01, timezone: UTC}", "clock +5h off: timezone UTC?"},
		"generic is no device":   {SourceRow{Source: "192.0.2.9", Lines: 100, Parsers: []string{"generic.kv"}, Shares: []uint64{100}}, config.Default(), winter, "", ""},
		"unparsed":               {SourceRow{Source: "192.0.2.9", Lines: 100, Unparsed: 40, Parsers: []string{"yamaha.rtx", ""}, Shares: []uint64{60, 40}}, config.Default(), winter, "", "40% unparsed: yagura sources --unparsed 192.0.2.9"},
		"silent, nothing lately": {SourceRow{Source: "192.0.2.9", Silent: 90000}, config.Default(), winter, "", "silent"},
		"nobody":                 {row("", 100, 2, -1, 0, 1), config.Default(), winter, "", ""},
	} {
		if got, note := c.row.Proposal(c.cfg, c.at), c.row.Note(c.cfg, c.at); got != c.proposal || note != c.note {
			t.Errorf("%s: %q %q, want %q %q", name, got, note, c.proposal, c.note)
		}
	}
}

// sendTo writes lines to one of the listeners: a source each.
func (s *story) sendTo(listener int, lines ...string) {
	s.Helper()
	network, address, _ := strings.Cut(s.at.Syslog[listener], ":")
	conn, err := net.Dial(network, address)
	if err != nil {
		s.Fatal(err)
	}
	defer conn.Close()
	for _, l := range lines {
		if _, err := fmt.Fprintf(conn, "%s\n", l); err != nil {
			s.Fatal(err)
		}
	}
}

// Sources are told with what their lines are like, from real lines in a real store.
func TestSourcesOfAStore(t *testing.T) {
	cfg := settings(t)
	s := up(t, cfg)
	utc, jst := time.Now().UTC(), time.Now().In(time.FixedZone("JST", 9*60*60))
	var sshd, odd []string
	for n := range 40 {
		sshd = append(sshd, fmt.Sprintf("<38>%s h1 sshd[1]: Accepted password for user%d from 192.0.2.%d port 4000 ssh2", utc.Format(time.Stamp), n, n))
		odd = append(odd, fmt.Sprintf("<13>%s h2 box: it's \\ odd number %d", jst.Format(time.Stamp), n))
	}
	odd = append(odd, "<13>"+jst.Format(time.Stamp)+" h2 box: another")
	s.sendTo(0, sshd...)
	s.sendTo(1, odd...)
	s.want("SELECT count() FROM events", len(sshd)+len(odd))
	s.want("SELECT sum(events) FROM sources", len(sshd)+len(odd))

	rows := map[string]SourceRow{}
	for _, r := range s.sources(SourcesSQL(utc.Add(-time.Hour))) {
		network, _, _ := strings.Cut(r.Listener, ":")
		rows[network] = r
	}
	a, b := rows["tcp"], rows["udp"]
	if got := a.Proposal(cfg, utc); got != "{match: 127.0.0.1, device: openssh.sshd, timezone: UTC}" || a.Lines != 40 || a.Unparsed != 0 {
		t.Errorf("%q %+v", got, a)
	}
	if got := b.Note(cfg, utc); got != "100% unparsed: yagura sources --unparsed 127.0.0.1" || b.Lines != 41 || b.Unparsed != 41 || b.Proposal(cfg, utc) != "" {
		t.Errorf("%q %+v", got, b)
	}
	if d := cmp.Diff(map[string]float64{
		"lines tcp": 40, "unparsed_ratio tcp": 0, "partial_ratio tcp": 0, "lines udp": 41, "unparsed_ratio udp": 1, "partial_ratio udp": 0,
	}, s.parsingFigures()); d != "" {
		t.Error(d)
	}
	s.want("SELECT count() FROM ("+UnparsedSQL("127.0.0.1", utc.Add(-time.Hour))+") WHERE lines IN (40, 1)", 2)
	s.want("SELECT count() FROM ("+UnparsedSQL(`x' OR '1'='1`, utc.Add(-time.Hour))+")", 0)
	s.want("SELECT count() FROM ("+UnparsedSQL(`127.0.0.1\`, utc.Add(-time.Hour))+")", 0)
}

// sources asks for rows as the command does.
func (s *story) sources(sql string) (all []SourceRow) {
	s.Helper()
	rows, err := s.main.db.Query(s.Context(), store.Ask{Text: sql})
	if err != nil {
		s.Fatal(err)
	}
	columns := rows.Columns
	cells, err := rows.All()
	if err != nil {
		s.Fatal(err)
	}
	for _, r := range cells {
		named := map[string]any{}
		for i, c := range columns {
			named[c.Name] = r[i]
		}
		text, err := json.Marshal(named)
		if err != nil {
			s.Fatal(err)
		}
		var row SourceRow
		if err := json.Unmarshal(text, &row); err != nil {
			s.Fatalf("%s: %v", text, err)
		}
		all = append(all, row)
	}
	return all
}
