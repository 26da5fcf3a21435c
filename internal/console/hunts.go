package console

import (
	"bytes"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// hunts are the ready-made questions of an incident, by name.
var hunts = map[string]func(v url.Values, now time.Time, zone *time.Location) (map[string]string, error){
	"who":      whoParams,
	"timeline": timelineParams,
}

// How far from the time asked for a lease or a log-on may lie, when nothing is said:
// leases last up to a week, mostly.
const (
	huntBefore = 8 * 24 * time.Hour
	huntAfter  = 24 * time.Hour
	huntSpan   = 366 * 24 * time.Hour
)

// hunt answers a ready-made question with rows as JSON Lines.
func (c *Console) hunt(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	q, err := huntQuestion(name, r.URL.Query(), time.Now(), c.config.Zone)
	if err != nil {
		c.refuse(w, err)
		return
	}
	c.audit(r, "hunt", name+" "+r.URL.Query().Get("entity"))
	c.rows(w, r, q)
}

func huntQuestion(name string, v url.Values, now time.Time, zone *time.Location) (Question, error) {
	params, known := hunts[name]
	if !known {
		return Question{}, badRequest("hunt: %q; would be right: who or timeline", name)
	}
	q, err := question(url.Values{"limit": v["limit"]}, now, zone)
	if err != nil {
		return q, err
	}
	if q.Params, err = params(v, now, zone); err != nil {
		return q, err
	}
	text, err := files.ReadFile("sql/hunt_" + name + ".sql")
	q.Text = string(text[max(0, bytes.Index(text, []byte("WITH\n"))):]) // behind its comment
	return q, err
}

func whoParams(v url.Values, now time.Time, zone *time.Location) (map[string]string, error) {
	address, err := netip.ParseAddr(strings.TrimSpace(v.Get("entity")))
	if err != nil || address.Zone() != "" {
		return nil, badRequest("entity: %q; would be right: an address such as 192.0.2.7", v.Get("entity"))
	}
	at, err := moment(v.Get("at"), now, zone)
	if err != nil {
		return nil, badRequest("at: %v", err)
	}
	if at.IsZero() {
		at = now
	}
	p := map[string]string{"address": address.Unmap().String(), "at": chTime(at)}
	for name, usual := range map[string]time.Duration{"before": huntBefore, "after": huntAfter} {
		if p[name], err = seconds(v.Get(name), usual); err != nil {
			return nil, badRequest("%s: %v", name, err)
		}
	}
	return p, nil
}

// seconds reads an age.
func seconds(text string, usual time.Duration) (string, error) {
	if text != "" {
		age, err := parseAge(text)
		if err != nil || age > huntSpan {
			return "", errMoment
		}
		usual = age
	}
	return strconv.FormatInt(int64(usual/time.Second), 10), nil
}

func timelineParams(v url.Values, now time.Time, zone *time.Location) (map[string]string, error) {
	entity := strings.TrimSpace(v.Get("entity"))
	if entity == "" || len(entity) > 256 || !utf8.ValidString(entity) {
		return nil, badRequest("entity: %q; would be right: an address, a user or a host", entity)
	}
	if a, err := netip.ParseAddr(entity); err == nil {
		entity = a.Unmap().WithZone("").String()
	}
	q, err := question(url.Values{"since": v["since"], "until": v["until"]}, now, zone)
	if err != nil {
		return nil, err
	}
	if q.Until.IsZero() {
		q.Until = now
	}
	if q.Since.IsZero() {
		q.Since = q.Until.Add(-24 * time.Hour)
	}
	return map[string]string{"entity": entity, "since": chTime(q.Since), "until": chTime(q.Until)}, nil
}

// chTime is a time as ClickHouse's toDateTime64 reads it, in UTC.
func chTime(t time.Time) string {
	t = t.UTC()
	return fmt.Sprintf("%s.%06d", t.Format("2006-01-02 15:04:05"), t.Nanosecond()/1000)
}
