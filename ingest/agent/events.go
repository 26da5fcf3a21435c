package agent

import (
	"mime"
	"net/http"
	"strings"
)

// routesEvents adds POST /v1/events: NDJSON, an array, or lines, all kept as they came.
// The answer is {"accepted": n} once all of them are on disk; no part of a request is
// ever answered as taken.
func (s *Server) routesEvents() { s.handle("POST /v1/events", s.events) }

func (s *Server) events(w http.ResponseWriter, r *http.Request, who Sender) {
	body, err := s.body(w, r, who)
	if err != nil {
		s.refuse(w, err)
		return
	}
	defer body.Close()
	how := shapeOf(r.Header.Get("Content-Type"))
	// Once without taking anything: a request that is wrong leaves nothing.
	if err := split(body.Bytes, how, func([]byte) error { return nil }); err != nil {
		s.refuse(w, err)
		return
	}
	in := s.intake(who)
	defer in.Close()
	in.Resume(r.Context(), body.digest())
	err = split(body.Bytes, how, func(record []byte) error {
		return in.Take(r.Context(), recordOf(record, how))
	})
	if err == nil {
		err = in.Settle(r.Context())
	}
	if err != nil {
		s.refuse(w, err)
		return
	}
	writeJSON(w, http.StatusOK, map[string]int{"accepted": in.Taken()})
	in.Answered(w, r)
}

// recordOf is a record with the time that it states itself.
func recordOf(raw []byte, how shape) Record {
	if how != shapeLines && len(raw) > 0 && raw[0] == '{' {
		return Record{Raw: raw, Time: stampIn(raw)}
	}
	return Record{Raw: raw}
}

func shapeOf(contentType string) shape {
	media, _, _ := mime.ParseMediaType(contentType)
	switch {
	case strings.HasPrefix(media, "text/"):
		return shapeLines
	case strings.HasSuffix(media, "json"):
		return shapeJSON
	}
	return shapeFound
}
