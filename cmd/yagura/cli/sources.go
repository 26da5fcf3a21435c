package cli

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"yagura/cmd/yagura/config"
	runner "yagura/cmd/yagura/run"
)

type sourcesCmd struct {
	instance
	format
	Since    string `help:"Shares and offsets are of lines from then on: an age or a time." default:"1h" placeholder:"WHEN"`
	Unparsed string `help:"Show lines of this source that no parser understood, one of each shape." placeholder:"SOURCE"`
}

// Run prints every source with what is proposed for yagura.yaml, or examples of a
// source's unparsed lines.
func (c *sourcesCmd) Run(r *run) error {
	now := time.Now()
	since, err := parseWhen(c.Since, now)
	if err != nil {
		return invalid{fmt.Errorf("--since %s: %w", c.Since, err)}
	}
	if c.Unparsed != "" {
		return c.table(r, c.format, runner.UnparsedSQL(c.Unparsed, since))
	}
	cl, err := c.client()
	if err != nil {
		return err
	}
	cfg, err := config.Load(c.Config, os.Environ()) // without a file: what is pinned is not known
	if err != nil {
		return invalid{err}
	}
	p, err := newRowPrinter(c.Format, r.Out, sourceColumns)
	if err != nil {
		return err
	}
	err = cl.lines(r.ctx, "query", url.Values{"q": {runner.SourcesSQL(since)}, "limit": {"4096"}}, nil, func(line []byte) error {
		var row runner.SourceRow
		if err := json.Unmarshal(line, &row); err != nil {
			return fmt.Errorf("read a row: %w", err)
		}
		out, err := json.Marshal(shownSource(&row, cfg, now))
		if err != nil {
			return err
		}
		return p.row(out)
	})
	if err != nil {
		return err
	}
	return p.end()
}

const sourceColumns = `["source","listener","last_seen","rate","parsers","unparsed","partial","zone","timezone","clock_offset","encodings","silent","note","proposal"]`

// sourceShown is a source as the command prints it.
type sourceShown struct {
	Source      string  `json:"source"`
	Listener    string  `json:"listener"`
	LastSeen    string  `json:"last_seen"`
	Rate        float64 `json:"rate"`
	Lines       uint64  `json:"lines"`
	Parsers     string  `json:"parsers"`  // "openssh.sshd 97%, generic.kv 3%"
	Unparsed    string  `json:"unparsed"` // "3%"
	Partial     string  `json:"partial"`
	Zone        string  `json:"zone"`         // of the network
	Timezone    string  `json:"timezone"`     // that times without one are read in
	ClockOffset float64 `json:"clock_offset"` // seconds
	Encodings   string  `json:"encodings"`
	Silent      bool    `json:"silent"`
	Proposal    string  `json:"proposal"` // for sources in yagura.yaml
	Note        string  `json:"note"`
}

func shownSource(row *runner.SourceRow, cfg config.Config, now time.Time) sourceShown {
	s := sourceShown{
		Source: row.Source, Listener: row.Listener, LastSeen: row.LastSeen, Rate: row.Rate, Lines: row.Lines,
		Zone: row.Zone, Timezone: row.Read(cfg), ClockOffset: row.ClockOffset, Encodings: strings.Join(row.Encodings, " "), Silent: row.IsSilent(),
		Proposal: row.Proposal(cfg, now), Note: row.Note(cfg, now),
	}
	var parsers []string
	for i, name := range row.Parsers {
		if name == "" {
			name = "-"
		}
		if i < len(row.Shares) && i < 5 {
			parsers = append(parsers, name+" "+percent(row.Shares[i], row.Lines))
		}
	}
	s.Parsers = strings.Join(parsers, ", ")
	if row.Lines > 0 {
		s.Unparsed, s.Partial = percent(row.Unparsed, row.Lines), percent(row.Partial, row.Lines)
	}
	return s
}

// percent never says 0% of some, nor 100% of all but some.
func percent(n, of uint64) string {
	p := 100 * float64(n) / float64(max(of, 1))
	switch {
	case n > 0 && p < 1:
		return "<1%"
	case n < of && p > 99:
		return ">99%"
	}
	return fmt.Sprintf("%.0f%%", p)
}
