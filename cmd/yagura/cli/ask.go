package cli

import (
	"fmt"
	"net/url"
	"strconv"
	"time"
)

type queryCmd struct {
	instance
	format
	Since   string `help:"From when: an age (15m, 1h, 30d) or a time." default:"1h" placeholder:"WHEN"`
	Until   string `help:"Until when." placeholder:"WHEN"`
	Limit   int    `help:"Rows at most." default:"1000" placeholder:"N"`
	Explain bool   `help:"Print the SQL and its parameters to standard error."`
	Query   string `arg:"" help:"Search such as: source.ip:203.0.113.0/24 NOT event.outcome:success \"free words\" | count by source.ip; or a SELECT statement."`
}

// Run asks the running instance and prints the rows.
func (c *queryCmd) Run(r *run) error {
	cl, err := c.client()
	if err != nil {
		return err
	}
	q := url.Values{"q": {c.Query}, "limit": {strconv.Itoa(c.Limit)}}
	if err := sinceUntil(q, c.Since, c.Until); err != nil {
		return err
	}
	if c.Explain {
		var e struct {
			SQL        string            `json:"sql"`
			Parameters map[string]string `json:"parameters"`
		}
		if err := cl.get(r.ctx, "explain", q, &e); err != nil {
			return err
		}
		fmt.Fprintln(r.Err, e.SQL)
		for name, value := range e.Parameters {
			fmt.Fprintf(r.Err, "  {%s} = %q\n", name, value)
		}
	}
	return cl.rows(r, q, c.format)
}

type booksCmd struct {
	instance
	format
	Since string `help:"From when." default:"1h" placeholder:"WHEN"`
}

// Run prints the view books.
func (c *booksCmd) Run(r *run) error {
	since, err := parseWhen(c.Since, time.Now())
	if err != nil {
		return invalid{fmt.Errorf("--since %s: %w", c.Since, err)}
	}
	// The minute in which it begins belongs to it.
	return c.table(r, c.format, fmt.Sprintf("SELECT * FROM books WHERE minute >= toStartOfMinute(toDateTime(%d)) ORDER BY minute DESC, listener, peer", since.Unix()))
}

func (i instance) table(r *run, f format, sql string) error {
	cl, err := i.client()
	if err != nil {
		return err
	}
	return cl.rows(r, url.Values{"q": {sql}, "limit": {"10000"}}, f)
}

type tailCmd struct {
	instance
	Search string `arg:"" optional:"" help:"Only events that match this search."`
}

// Run prints events as JSON Lines until interrupted.
func (c *tailCmd) Run(r *run) error {
	cl, err := c.client()
	if err != nil {
		return err
	}
	return cl.lines(r.ctx, "tail", url.Values{"q": {c.Search}}, nil, func(line []byte) error {
		_, err := fmt.Fprintf(r.Out, "%s\n", line)
		return err
	})
}
