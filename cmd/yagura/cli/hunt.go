package cli

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

type huntCmd struct {
	Who      whoCmd      `cmd:"" help:"Which machine and which person had an address at a time: leases, log-ons, VPN, proxy, assets."`
	Timeline timelineCmd `cmd:"" help:"Everything about an address, a user or a host, in order."`
}

type whoCmd struct {
	instance
	format
	Address string `arg:"" help:"The address."`
	At      string `help:"The time; now when left out: an age (90m, 3d) or a time such as 2026-11-24T09:00:00+09:00." placeholder:"TIME"`
	Before  string `help:"How long before it leases and log-ons may lie." default:"8d" placeholder:"AGE"`
	After   string `help:"How long after it." default:"24h" placeholder:"AGE"`
}

// Run prints what ties machines and people to the address, nearest first, and says
// on standard error what that means.
func (c *whoCmd) Run(r *run) error {
	cl, err := c.client()
	if err != nil {
		return err
	}
	at := time.Now()
	if c.At != "" {
		if at, err = parseWhen(c.At, time.Now()); err != nil {
			return invalid{fmt.Errorf("--at %s: %w", c.At, err)}
		}
	}
	q := url.Values{"entity": {c.Address}, "at": {at.UTC().Format(time.RFC3339Nano)}, "before": {c.Before}, "after": {c.After}}
	said := &ties{at: at}
	if err := cl.print(r, "hunt/who", q, c.format, said.see); err != nil {
		return err
	}
	fmt.Fprintln(r.Err, said.words(c.Address))
	return nil
}

type timelineCmd struct {
	instance
	format
	Entity string `arg:"" help:"An address, a user or a host."`
	Since  string `help:"From when; a day ago when left out." placeholder:"TIME"`
	Until  string `help:"Until when; now when left out." placeholder:"TIME"`
	Limit  int    `help:"Rows." default:"1000"`
}

// Run prints the events.
func (c *timelineCmd) Run(r *run) error {
	cl, err := c.client()
	if err != nil {
		return err
	}
	q := url.Values{"entity": {c.Entity}, "limit": {strconv.Itoa(c.Limit)}}
	if err := sinceUntil(q, c.Since, c.Until); err != nil {
		return err
	}
	n := 0
	err = cl.print(r, "hunt/timeline", q, c.format, func([]byte) { n++ })
	if err == nil && n >= c.Limit {
		fmt.Fprintf(r.Err, "there are more than %d events; --limit shows more, --until and --since less\n", c.Limit)
	}
	return err
}

// ties gathers what the rows of `hunt who` say.
type ties struct {
	at   time.Time
	rows []tie
}

// tie is one row: something that names a machine or a person.
type tie struct {
	Is      string    `json:"is"`
	Name    string    `json:"name"`
	KnownBy string    `json:"known_by"`
	Before  time.Time `json:"before"` // the last time up to the time asked for; zero is none
	After   time.Time `json:"after"`  // the first one after it; zero is none
}

// nearest is when the tie was seen: before the time, else after it.
func (t *tie) nearest() time.Time {
	if t.Before.IsZero() {
		return t.After
	}
	return t.Before
}

// ends tells a lease that was given back.
func (t *tie) ends() bool {
	return strings.Contains(t.KnownBy, "release") || strings.Contains(t.KnownBy, "expire") || strings.Contains(t.KnownBy, "decline")
}

// words says in one or two lines who it was, as far as the rows tell.
func (t *ties) words(address string) string {
	at := t.at.Local().Format(time.DateTime)
	if len(t.rows) == 0 {
		return fmt.Sprintf("nothing tells who had %s at %s: no lease, log-on or list of assets of that time names it", address, at)
	}
	var said []string
	for _, kind := range []struct{ is, word string }{{"pc", "machine"}, {"person", "person"}, {"mac", "MAC"}, {"asset", "asset"}} {
		if best, others := t.best(kind.is); best != nil {
			said = append(said, fmt.Sprintf("%s %s (%s, %s)%s", kind.word, best.Name, best.KnownBy, best.nearest().Local().Format(time.DateTime), others))
		}
	}
	return fmt.Sprintf("%s at %s: %s", address, at, strings.Join(said, "; "))
}

// best is the first row of a kind, whose lease was not given back before the time;
// others tells how many further names there are. Rows come with the last before the
// time first.
func (t *ties) best(is string) (best *tie, others string) {
	given := map[string]bool{} // name: what came last was the end of its lease
	for i := range t.rows {
		row := &t.rows[i]
		name := strings.ToLower(row.Name)
		if row.Is != is {
			continue
		}
		if _, seen := given[name]; !seen {
			given[name] = row.ends() && !row.Before.IsZero()
		}
		if best == nil && !given[name] && !row.ends() {
			best = row
		}
	}
	if len(given) > 1 {
		others = fmt.Sprintf(" and %d more", len(given)-1)
	}
	return best, others
}

// see takes a row; one that cannot be read is only printed.
func (t *ties) see(line []byte) {
	var row tie
	if json.Unmarshal(line, &row) == nil {
		t.rows = append(t.rows, row)
	}
}
