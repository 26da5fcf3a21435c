package console

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"

	"yagura/internal/event"
)

var statuses = []string{event.StatusOpen, event.StatusAcknowledged, event.StatusClosed}

// listIncidents answers with a JSON array, newest first. limit bounds it.
func (c *Console) listIncidents(w http.ResponseWriter, r *http.Request) {
	list, err := c.incidents(r)
	if err != nil {
		c.refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	out := newLines(w)
	_ = out.buf.WriteByte('[')
	for i := range list { // one by one: each carries its first alert
		text, err := json.Marshal(list[i])
		if err != nil {
			panic(http.ErrAbortHandler) // a half array is no answer
		}
		if i > 0 {
			_ = out.buf.WriteByte(',')
		}
		if out.write(safeJSON(text)) != nil {
			return
		}
	}
	_ = out.write([]byte{']'})
	out.end(nil)
}

func (c *Console) incidents(r *http.Request) ([]event.Incident, error) {
	if c.deps.Incidents == nil {
		return nil, errAbsent
	}
	status := r.URL.Query().Get("status")
	if status != "" && !slices.Contains(statuses, status) {
		return nil, badRequest("status: %q; would be right: open, acknowledged or closed", status)
	}
	limit := -1
	if text := r.URL.Query().Get("limit"); text != "" {
		n, err := strconv.ParseUint(text, 10, 31)
		if err != nil {
			return nil, badRequest("limit: %q; would be right: a number", text)
		}
		limit = int(n)
	}
	list, err := c.deps.Incidents.List(r.Context(), status)
	if limit >= 0 && len(list) > limit {
		list = list[:limit]
	}
	return list, err
}

func (c *Console) oneIncident(w http.ResponseWriter, r *http.Request) {
	if c.deps.Incidents == nil {
		c.refuse(w, errAbsent)
		return
	}
	inc, err := c.deps.Incidents.Get(r.Context(), r.PathValue("id"))
	if err != nil {
		c.refuse(w, err)
		return
	}
	answer(w, http.StatusOK, inc)
}

// response is the body of an act: who does it and what is said.
type response struct {
	Who  string `json:"who"`
	Text string `json:"text"`
}

func (c *Console) actOnIncident(w http.ResponseWriter, r *http.Request) {
	var body response
	err := decode(r, &body)
	var inc event.Incident
	if err == nil {
		inc, err = c.act(r, body)
	}
	if err != nil {
		c.refuse(w, err)
		return
	}
	answer(w, http.StatusOK, inc)
}

// decode reads one JSON object with known keys only.
func decode(r *http.Request, v any) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return badRequest("Content-Type: %q; would be right: application/json", r.Header.Get("Content-Type"))
	}
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if err == nil {
		if _, err = d.Token(); errors.Is(err, io.EOF) {
			return nil
		}
		err = errors.New("more than one object")
	}
	if tooBig(err) {
		return err
	}
	return badRequest(`body: %v; would be right: {"who": "…", "text": "…"}`, err)
}

// act carries out the action that the path names.
func (c *Console) act(r *http.Request, body response) (event.Incident, error) {
	if c.deps.Incidents == nil {
		return event.Incident{}, errAbsent
	}
	acts := map[string]func(ctx context.Context, id, who, text string) (event.Incident, error){
		"ack": c.deps.Incidents.Ack, "close": c.deps.Incidents.Close,
		"note": c.deps.Incidents.AddNote, "assign": c.deps.Incidents.Assign,
	}
	action, id := r.PathValue("action"), r.PathValue("id")
	do, ok := acts[action]
	if !ok {
		return event.Incident{}, badRequest("action: %q; would be right: ack, close, note or assign", action)
	}
	if body.Who == "" {
		return event.Incident{}, badRequest("who: empty; would be right: a person's name")
	}
	c.audit(r, action, id)
	return do(r.Context(), id, body.Who, body.Text)
}
