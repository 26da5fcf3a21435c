package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/user"
	"strconv"
	"strings"
	"time"

	"yagura/internal/event"
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

type sourcesCmd struct {
	instance
	format
}

// Run prints the view sources.
func (c *sourcesCmd) Run(r *run) error {
	return c.table(r, c.format, "SELECT * FROM sources ORDER BY last_seen DESC")
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

type incidentsCmd struct {
	List  incidentList `cmd:"" default:"withargs" help:"List incidents, newest first."`
	Show  incidentShow `cmd:"" help:"Show one incident with its alerts and notes."`
	Ack   incidentAct  `cmd:"" help:"Say that you are on it; stops the escalation."`
	Close incidentAct  `cmd:"" help:"Close it, with what was found."`
	Note  incidentAct  `cmd:"" help:"Add a note."`
}

type incidentList struct {
	instance
	format
	Status string `help:"Only of this status: open, acknowledged or closed." enum:",open,acknowledged,closed" default:""`
}

// Run lists incidents.
func (c *incidentList) Run(r *run) error {
	cl, err := c.client()
	if err != nil {
		return err
	}
	var list []event.Incident
	if err := cl.get(r.ctx, "incidents", url.Values{"status": {c.Status}}, &list); err != nil {
		return err
	}
	p, err := newRowPrinter(c.Format, r.Out, `["opened","id","level","status","mail","alerts","rule","group","reason"]`)
	if err != nil {
		return err
	}
	for _, i := range list {
		row := any(i)
		if c.Format != "json" {
			row = map[string]any{
				"opened": i.Opened.Local().Format("2006-01-02 15:04:05"), "id": i.ID, "level": i.Level, "status": i.Status, "mail": i.Mail,
				"alerts": i.Alerts, "rule": i.RuleName, "group": event.GroupKey(i.Group), "reason": i.Reason,
			}
		}
		text, err := json.Marshal(row)
		if err != nil {
			return err
		}
		if err := p.row(text); err != nil {
			return err
		}
	}
	return p.end()
}

type incidentShow struct {
	instance
	ID string `arg:"" help:"Incident id, such as I-3f9a01c2."`
}

// Run prints the whole incident as indented JSON.
func (c *incidentShow) Run(r *run) error {
	cl, err := c.client()
	if err != nil {
		return err
	}
	var i json.RawMessage
	if err := cl.get(r.ctx, "incidents/"+url.PathEscape(c.ID), nil, &i); err != nil {
		return err
	}
	return printJSON(r, i)
}

// printJSON prints for people: "<" stays "<".
func printJSON(r *run, v any) error {
	e := json.NewEncoder(r.Out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

type incidentAct struct {
	instance
	ID   string   `arg:"" help:"Incident id."`
	Who  string   `help:"Who does it; the log-on name when left out." placeholder:"NAME"`
	Text []string `arg:"" optional:"" help:"What was found or done."`
}

// Run acts on the incident; the action is the command's own name.
func (c *incidentAct) Run(r *run, k kongCommand) error {
	cl, err := c.client()
	if err != nil {
		return err
	}
	action := strings.Fields(k.name)[1]
	body := map[string]string{"who": c.Who, "text": strings.Join(c.Text, " ")}
	if c.Who == "" {
		body["who"] = loginName()
	}
	res, err := cl.do(r.ctx, http.MethodPost, "incidents/"+url.PathEscape(c.ID)+"/"+action, nil, body)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	var i event.Incident
	if err := json.NewDecoder(res.Body).Decode(&i); err != nil {
		return err
	}
	_, err = fmt.Fprintf(r.Err, "%s is %s\n", i.ID, i.Status)
	return err
}

// kongCommand is the command path that was chosen: "incidents ack <id>".
type kongCommand struct{ name string }

func loginName() string {
	if name := os.Getenv("SUDO_USER"); name != "" {
		return name
	}
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "unknown"
}

type doctorCmd struct {
	instance
	format
}

// finding is one thing that is well or not.
type finding struct {
	Level string `json:"level"`
	Place string `json:"place"`
	What  string `json:"what"`
	Mend  string `json:"mend,omitempty"`
}

// Run prints findings in order of harm; exit code 1 when something is wrong.
func (c *doctorCmd) Run(r *run) error {
	cl, err := c.client()
	if err != nil {
		return err
	}
	var h struct {
		Findings []finding `json:"findings"`
	}
	if err := cl.get(r.ctx, "health", nil, &h); err != nil {
		return err
	}
	if err := printFindings(r.Out, c.Format, h.Findings); err != nil {
		return err
	}
	wrong := 0
	for _, f := range h.Findings {
		if f.Level != "ok" {
			wrong++
		}
	}
	switch wrong {
	case 0:
		return nil
	case 1:
		return errors.New("1 finding")
	}
	return fmt.Errorf("%d findings", wrong)
}

func printFindings(w io.Writer, format string, all []finding) error {
	if format == "table" { // for people: the mend below its finding, whole
		out := bufio.NewWriter(w)
		for _, f := range all {
			fmt.Fprintf(out, "%-8s %-10s %s\n", f.Level, f.Place, printable(f.What))
			if f.Mend != "" {
				fmt.Fprintf(out, "%-8s %-10s → %s\n", "", "", printable(f.Mend))
			}
		}
		return out.Flush()
	}
	p, err := newRowPrinter(format, w, `["level","place","what","mend"]`)
	if err != nil {
		return err
	}
	for _, f := range all {
		text, err := json.Marshal(f)
		if err != nil {
			return err
		}
		if err := p.row(text); err != nil {
			return err
		}
	}
	return p.end()
}
