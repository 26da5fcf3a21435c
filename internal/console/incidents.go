package console

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"yagura/internal/event"
)

// shownIncidents bounds the list.
const shownIncidents = 500

type incidentsView struct {
	Status string
	List   []event.Incident
	More   bool
	Tabs   []string
}

func (c *Console) incidentsPage(w http.ResponseWriter, r *http.Request) {
	list, err := c.incidents(r)
	if err != nil {
		c.failedPage(w, r, err)
		return
	}
	v := incidentsView{Status: r.URL.Query().Get("status"), List: list, Tabs: statuses}
	if len(list) > shownIncidents {
		v.List, v.More = list[:shownIncidents], true
	}
	p := c.speechOf(w, r)
	c.draw(w, r, p, http.StatusOK, frame{Page: "incidents", Title: p.say("incidents"), Refresh: 60, Content: v})
}

type incidentView struct {
	event.Incident
	Around string // link to the search
	Fault  string
	Text   string // what was written when the act failed
	Who    string
	Steps  []runbookPart // the runbook
}

func (c *Console) incidentPage(w http.ResponseWriter, r *http.Request) {
	c.drawIncident(w, r, http.StatusOK, incidentView{})
}

func (c *Console) drawIncident(w http.ResponseWriter, r *http.Request, status int, v incidentView) {
	if c.deps.Incidents == nil {
		c.failedPage(w, r, errAbsent)
		return
	}
	var err error
	if v.Incident, err = c.deps.Incidents.Get(r.Context(), r.PathValue("id")); err != nil {
		c.failedPage(w, r, err)
		return
	}
	v.Around, v.Who = around(v.Incident), caller(r).Name
	p := c.speechOf(w, r)
	if text := p.pick(v.First.RunbookJa, v.First.RunbookEn); text != "" {
		v.Steps = runbook(v.Incident, text)
	}
	c.draw(w, r, p, status, frame{Page: "incident", Title: v.ID + " " + p.pick(v.RuleJa, v.RuleName), Content: v})
}

// incidentForm carries out an act in the name given at log-on.
func (c *Console) incidentForm(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		if !tooBig(err) {
			err = badRequest("form: %v", err)
		}
		c.failedPage(w, r, err)
		return
	}
	body := response{Who: caller(r).Name, Text: strings.TrimSpace(strings.ReplaceAll(r.PostForm.Get("text"), "\r\n", "\n"))}
	if !utf8.ValidString(body.Text) {
		c.failedPage(w, r, badRequest("text: no UTF-8"))
		return
	}
	inc, err := c.act(r, body)
	if err != nil {
		c.drawIncident(w, r, c.status(err), incidentView{Fault: c.speechOf(w, r).reason(err), Text: body.Text})
		return
	}
	http.Redirect(w, r, "/incidents/"+inc.ID, http.StatusSeeOther)
}
