package run

import (
	_ "embed"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"yagura/cmd/yagura/config"
)

//go:embed sql/sources.sql
var sourcesSQL string

//go:embed sql/sources_unparsed.sql
var sourcesUnparsedSQL string

// SourcesSQL asks for every source, with what its lines since then were like: rows
// of SourceRow.
func SourcesSQL(since time.Time) string {
	return strings.ReplaceAll(statement(sourcesSQL), "SINCE", strconv.FormatInt(since.Unix(), 10))
}

// UnparsedSQL asks for examples of a source's lines that no parser understood.
func UnparsedSQL(source string, since time.Time) string {
	quoted := strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(source)
	return strings.NewReplacer("SINCE", strconv.FormatInt(since.Unix(), 10), "PEER", quoted).Replace(statement(sourcesUnparsedSQL))
}

// statement is the text of a file behind the comment at its head: what is asked
// must begin with SELECT.
func statement(text string) string { return text[strings.Index(text, "SELECT"):] }

// SourceRow is a row of SourcesSQL. What is counted is of the lines since then.
type SourceRow struct {
	Source       string   `json:"source"`
	Listener     string   `json:"listener"`
	LastSeen     string   `json:"last_seen"`
	Rate         float64  `json:"rate"`           // events a second, of the last ten minutes
	Silent       int64    `json:"silent_seconds"` // since the last line
	Lines        uint64   `json:"lines"`
	Parsers      []string `json:"parsers"` // commonest first; "" is nobody
	Shares       []uint64 `json:"shares"`  // lines of each of Parsers
	Unparsed     uint64   `json:"unparsed"`
	Partial      uint64   `json:"partial"`
	ClockOffset  float64  `json:"clock_offset"` // seconds, the median: device minus ours
	Zoneless     uint64   `json:"zoneless"`     // lines with a time that names no zone
	OffsetLow    float64  `json:"offset_low"`   // of those: a tenth are below
	OffsetMiddle float64  `json:"offset_middle"`
	OffsetHigh   float64  `json:"offset_high"` // a tenth are above
	Encodings    []string `json:"encodings"`   // other than UTF-8
	Zone         string   `json:"zone"`        // of the network: that of most lines
}

// What a proposal needs, so that it is right when it is pasted.
const (
	proposalLines = 20   // lines
	proposalShare = 0.95 // of them by one parser
	zoneSlack     = 90   // seconds that a clock may be off a whole quarter of an hour
	silentAfter   = 24 * time.Hour
	unparsedShare = 0.2 // of lines: it is worth a parser
)

// Device is the parser that reads nearly all lines of the source; "" when none does
// or what it read is nothing of its own.
func (r *SourceRow) Device() string {
	if r.Lines < proposalLines || len(r.Parsers) == 0 || len(r.Shares) == 0 {
		return ""
	}
	top := r.Parsers[0]
	if top == "" || strings.HasPrefix(top, "generic") || float64(r.Shares[0]) < proposalShare*float64(r.Lines) {
		return ""
	}
	return top
}

// TimeZone is the time zone that the source's clock seems to be in, given the zone that
// its times were read in; "" when that fits or it is not sure: the offsets of nearly
// all lines must be one whole quarter of an hour.
func (r *SourceRow) TimeZone(read *time.Location, at time.Time) string {
	const quarter = 900
	steps := math.Round(r.OffsetMiddle / quarter)
	if r.Zoneless < proposalLines || steps == 0 || math.Abs(r.OffsetMiddle-steps*quarter) > zoneSlack || r.OffsetHigh-r.OffsetLow > zoneSlack {
		return ""
	}
	_, east := at.In(read).Zone()
	return zoneNamed(east+int(steps)*quarter, at)
}

// zones are the names that are proposed for an offset: of several the first that has
// it at the time.
var zones = []string{
	"UTC", "Asia/Tokyo", "Asia/Shanghai", "Asia/Bangkok", "Asia/Kolkata", "Asia/Dubai", "Europe/London", "Europe/Berlin", "Europe/Helsinki",
	"Australia/Sydney", "Pacific/Auckland", "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "Pacific/Honolulu",
}

func zoneNamed(east int, at time.Time) string {
	for _, name := range zones {
		z, err := time.LoadLocation(name)
		if err != nil {
			continue
		}
		if _, e := at.In(z).Zone(); e == east {
			return name
		}
	}
	if east%3600 == 0 && east >= -12*3600 && east <= 14*3600 {
		return fmt.Sprintf("Etc/GMT%+d", -east/3600)
	}
	return "" // no zone: the clock is wrong
}

// Proposal is the line for sources in yagura.yaml that pins what is sure and not
// pinned yet; "" when there is nothing to say.
func (r *SourceRow) Proposal(cfg config.Config, at time.Time) string {
	if r.Source == "" || r.Listener == importListener {
		return ""
	}
	pinned, read := pinnedFor(cfg, r.Source)
	var keys []string
	add := func(key, value string) {
		if value != "" {
			keys = append(keys, key+": "+value)
		}
	}
	if pinned.Device == "" {
		add("device", r.Device())
	}
	add("timezone", r.TimeZone(read, at))
	if len(keys) == 0 {
		return ""
	}
	return "{match: " + yamlWord(r.Source) + ", " + strings.Join(keys, ", ") + "}"
}

// Read is the time zone that times of the source which name none are read in.
func (r *SourceRow) Read(cfg config.Config) string {
	_, read := pinnedFor(cfg, r.Source)
	return read.String()
}

// pinnedFor is what the configuration says of a source, and the zone that its times
// are read in.
func pinnedFor(cfg config.Config, source string) (config.Source, *time.Location) {
	read, err := time.LoadLocation(cfg.Timezone)
	if err != nil {
		read = time.UTC
	}
	s := cfg.SourceOf(source)
	if s == nil {
		return config.Source{}, read
	}
	if z, err := time.LoadLocation(s.Timezone); s.Timezone != "" && err == nil {
		read = z
	}
	return *s, read
}

// yamlWord quotes what YAML would read otherwise inside {}.
func yamlWord(s string) string {
	plain := s != "" && s[0] != '-'
	for _, c := range []byte(s) {
		plain = plain && (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '-' || c == '_')
	}
	if plain {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

// IsSilent tells whether nothing has come for a day.
func (r *SourceRow) IsSilent() bool {
	return r.Listener != importListener && time.Duration(r.Silent)*time.Second > silentAfter
}

// Note says what somebody should do about the source; "" is nothing.
func (r *SourceRow) Note(cfg config.Config, at time.Time) string {
	_, read := pinnedFor(cfg, r.Source)
	if r.Listener == importListener {
		return "imported"
	}
	var notes []string
	if r.IsSilent() {
		notes = append(notes, "silent")
	}
	if share := ratio(r.Unparsed, r.Lines); r.Lines >= proposalLines && share > unparsedShare {
		notes = append(notes, fmt.Sprintf("%.0f%% unparsed: yagura sources --unparsed %s", 100*share, r.Source))
	}
	if zone := r.TimeZone(read, at); zone != "" {
		notes = append(notes, fmt.Sprintf("clock %s off: timezone %s?", hours(r.OffsetMiddle), zone))
	} else if r.Lines > 0 && math.Abs(r.ClockOffset) > 300 {
		notes = append(notes, fmt.Sprintf("clock %s off: NTP?", hours(r.ClockOffset)))
	}
	return strings.Join(notes, "; ")
}

// hours writes seconds as a signed span: +9h, -30m, -1d.
func hours(seconds float64) string {
	d := time.Duration(math.Round(seconds)) * time.Second
	sign := "+"
	if d < 0 {
		sign, d = "-", -d
	}
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%s%dd", sign, d/(24*time.Hour))
	case d >= 2*time.Minute:
		d = d.Round(time.Minute)
	}
	s := strings.TrimSuffix(d.String(), "0s")
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return sign + s
}

func ratio(part, whole uint64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}
