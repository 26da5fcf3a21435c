package console

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"yagura/internal/event"
)

// Limits of the page of ready-made questions.
const (
	huntRows   = 300
	huntAround = 12 * time.Hour // of the timeline, before and after the time asked for
)

// huntView is the page: who had an address, and what was seen of an entity.
type huntView struct {
	Entity, At string
	Asked      bool
	Address    bool // the entity is an address
	Fault      string
	Ties       []tieView
	Timeline   tableView
	Truncated  bool
	Whole      string // link to the search for the entity, of the same time
}

// tieView is something that ties a machine or a person to the address.
type tieView struct {
	Is, Name, KnownBy, Events string
	Before, After             time.Time // zero is none
}

func (c *Console) huntPage(w http.ResponseWriter, r *http.Request) {
	p := c.speechOf(w, r)
	v := huntView{Entity: strings.TrimSpace(r.URL.Query().Get("entity")), At: r.URL.Query().Get("at")}
	v.Asked = v.Entity != ""
	status := http.StatusOK
	if v.Asked {
		if err := c.fillHunt(r, &v); err != nil {
			v.Fault, status = p.reason(err), c.status(err)
		}
	}
	c.draw(w, r, p, status, frame{Page: "hunt", Title: p.say("hunt"), Content: v})
}

func (c *Console) fillHunt(r *http.Request, v *huntView) error {
	now := time.Now()
	at, err := moment(v.At, now, c.config.Zone)
	if err != nil {
		return badRequest("at: %v", err)
	}
	if at.IsZero() {
		at = now
	}
	c.audit(r, "hunt", v.Entity)
	if _, err := netip.ParseAddr(v.Entity); err == nil {
		v.Address = true
		x, err := c.answerHunt(r, "who", url.Values{"entity": {v.Entity}, "at": {at.Format(time.RFC3339Nano)}})
		if err != nil {
			return err
		}
		v.ties(x)
	}
	span := url.Values{"entity": {v.Entity}, "since": {at.Add(-huntAround).Format(time.RFC3339)}, "until": {at.Add(huntAround).Format(time.RFC3339)}}
	x, err := c.answerHunt(r, "timeline", span)
	if err != nil {
		return err
	}
	v.Timeline, v.Truncated = showTable(shorter(x), &searchView{}), x.Truncated
	v.Whole = "/search?" + url.Values{"q": {everywhere(v.Entity, v.Address)}, "since": span["since"], "until": span["until"]}.Encode()
	return nil
}

// shorter leaves out the ids of events, the last column, and says alerts by a mark.
func shorter(x result) result {
	n := len(x.Columns)
	if n == 0 || x.Columns[n-1].Name != "event" {
		return x
	}
	x.Columns = x.Columns[:n-1]
	for i, row := range x.Rows {
		row = row[:n-1]
		for j, col := range x.Columns {
			if col.Name == "alert" {
				row[j] = map[bool]string{true: "●"}[plainText(row[j]) == "1" || plainText(row[j]) == "true"]
			}
		}
		x.Rows[i] = row
	}
	return x
}

// everywhere is the search for an entity.
func everywhere(entity string, address bool) string {
	if address {
		return `ip:"` + entity + `"`
	}
	return filterTerm("user.name", entity) + " OR " + filterTerm("host.name", entity)
}

func (c *Console) answerHunt(r *http.Request, name string, v url.Values) (result, error) {
	q, err := huntQuestion(name, v, time.Now(), c.config.Zone)
	if err != nil {
		return result{}, err
	}
	q.Limit = huntRows
	x := c.gather(r.Context(), q, searchTime)
	return x, x.Err
}

func (v *huntView) ties(x result) {
	at := x.places()
	for _, row := range x.Rows {
		get := func(name string) any {
			if i, ok := at[name]; ok {
				return row[i]
			}
			return nil
		}
		v.Ties = append(v.Ties, tieView{
			Is: plainText(get("is")), Name: plainText(get("name")), KnownBy: plainText(get("known_by")), Events: plainText(get("events")),
			Before: rowTime(get("before")), After: rowTime(get("after")),
		})
	}
}

// huntLink leads to the page for what an incident is about; "" where it asks nothing
// of it.
func huntLink(p event.Pair, at time.Time) string {
	switch {
	case strings.HasSuffix(p.Name, ".ip"), strings.HasSuffix(p.Name, "user.name"), p.Name == "host.name":
		return "/hunt?" + url.Values{"entity": {p.Value}, "at": {at.UTC().Format(time.RFC3339)}}.Encode()
	}
	return ""
}
