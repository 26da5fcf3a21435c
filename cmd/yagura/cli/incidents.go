package cli

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/user"
	"strings"

	"yagura/internal/event"
)

type incidentsCmd struct {
	List   incidentList   `cmd:"" default:"withargs" help:"List incidents, newest first."`
	Show   incidentShow   `cmd:"" help:"Show one incident with its alerts and notes."`
	Ack    incidentAct    `cmd:"" help:"Say that you are on it; stops the escalation."`
	Close  incidentAct    `cmd:"" help:"Close it, with what was found."`
	Note   incidentAct    `cmd:"" help:"Add a note."`
	Assign incidentAssign `cmd:"" help:"Give it to a person."`
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
	if c.ID == "" {
		return errNoIncident
	}
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

type incidentAssign struct {
	instance
	ID       string   `arg:"" help:"Incident id."`
	Assignee []string `arg:"" name:"who" help:"The person's name; \"\" gives it to nobody."`
	Who      string   `help:"Who does it; the log-on name when left out." placeholder:"NAME"`
}

// Run gives the incident to a person.
func (c *incidentAssign) Run(r *run) error {
	i, err := respond(r, c.instance, response{c.ID, "assign", c.Who, strings.Join(c.Assignee, " ")})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(r.Err, "%s is assigned to %s\n", i.ID, cmp.Or(i.Assignee, "nobody"))
	return err
}

type incidentAct struct {
	instance
	ID   string   `arg:"" help:"Incident id."`
	Who  string   `help:"Who does it; the log-on name when left out." placeholder:"NAME"`
	Text []string `arg:"" optional:"" help:"What was found or done."`
}

// Run acts on the incident; the action is the command's own name.
func (c *incidentAct) Run(r *run, k kongCommand) error {
	i, err := respond(r, c.instance, response{c.ID, strings.Fields(k.name)[1], c.Who, strings.Join(c.Text, " ")})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(r.Err, "%s is %s\n", i.ID, i.Status)
	return err
}

// response is an act of who, the log-on name when empty, on an incident.
type response struct{ id, action, who, text string }

func respond(r *run, at instance, a response) (i event.Incident, err error) {
	if a.id == "" {
		return i, errNoIncident
	}
	cl, err := at.client()
	if err != nil {
		return i, err
	}
	if a.who == "" {
		a.who = loginName()
	}
	res, err := cl.do(r.ctx, http.MethodPost, "incidents/"+url.PathEscape(a.id)+"/"+a.action, nil, map[string]string{"who": a.who, "text": a.text})
	if err != nil {
		return i, err
	}
	defer res.Body.Close()
	return i, json.NewDecoder(res.Body).Decode(&i)
}

// errNoIncident is an empty id, which the API would take for the list.
var errNoIncident = invalid{errors.New("the incident id is empty; `yagura incidents` lists them")}

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
