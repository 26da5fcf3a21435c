package agent

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// elastic is as much of Elasticsearch's interface as shippers need: _bulk, and what
// they ask before it. There are no indices behind it: templates, policies and
// pipelines are answered as taken and are not kept.
type elastic struct {
	*Server
	seen *seen
}

func (s *Server) routesElastic() {
	e := &elastic{s, newSeen()}
	s.handleAs("/", e.refuse, e.serve)
}

// ours is the version that we answer with: clients of Elasticsearch refuse an older
// server, so that a Beat gets its own one (its User-Agent: Elastic-Filebeat/9.1.0 …).
const ours = "8.19.0"

func versionFor(userAgent string) string {
	rest, ok := strings.CutPrefix(userAgent, "Elastic-")
	if !ok {
		return ours
	}
	_, rest, _ = strings.Cut(rest, "/")
	version, _, _ := strings.Cut(rest, " ")
	version, _, _ = strings.Cut(version, "-") // -SNAPSHOT
	parts := strings.Split(version, ".")
	if len(parts) != 3 {
		return ours
	}
	for i, p := range parts {
		n, err := strconv.Atoi(p)
		if err != nil || n < 0 || i == 0 && (n < 8 || n > 99) {
			return ours
		}
	}
	if strings.HasPrefix(version, "8.") {
		if n, _ := strconv.Atoi(parts[1]); n <= 19 {
			return ours
		}
	}
	return version
}

// maxIndex is Elasticsearch's bound of an index name, in bytes.
const maxIndex = 255

// serve finds out what is asked by the path's last and first names.
func (e *elastic) serve(w http.ResponseWriter, r *http.Request, who Sender) {
	w.Header().Set("Content-Type", mediaFor(r.Header.Get("Accept")))
	names := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	last := names[len(names)-1]
	if last == "_bulk" && len(names) <= 3 { // /_bulk, /INDEX/_bulk, and /INDEX/TYPE/_bulk of old clients
		if r.Method != http.MethodPost && r.Method != http.MethodPut {
			e.fault(w, http.StatusMethodNotAllowed, "method_not_allowed", "Incorrect HTTP method for uri ["+r.URL.Path+"], allowed: [POST, PUT]")
			return
		}
		index := ""
		if len(names) > 1 {
			index = names[0]
		}
		if len(index) > maxIndex { // the answer says it for each document
			e.fault(w, http.StatusBadRequest, "invalid_index_name_exception", "the index name is longer than 255 bytes")
			return
		}
		e.bulk(w, r, who, index)
		return
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		e.ask(w, r, names)
	case http.MethodPut, http.MethodPost:
		e.set(w, r, who, names)
	default:
		e.fault(w, http.StatusMethodNotAllowed, "method_not_allowed", "yagura takes log lines in; nothing else can be done here")
	}
}

// mediaFor is the type of an answer: Elastic's clients from 8 on want theirs back.
func mediaFor(accept string) string {
	for _, version := range []string{"9", "8", "7"} {
		if strings.Contains(accept, "application/vnd.elasticsearch+json") && strings.Contains(accept, "compatible-with="+version) {
			return "application/vnd.elasticsearch+json;compatible-with=" + version
		}
	}
	return "application/json"
}

// kept are the things that shippers set up before they ship.
var kept = []string{"_ilm", "_index_template", "_component_template", "_template", "_data_stream", "_alias", "_aliases", "_ingest", "_settings", "_slm", "_cluster"}

// ask answers questions. Of what can be set up there is nothing yet: 404 makes a
// shipper set it up, which is answered as done.
func (e *elastic) ask(w http.ResponseWriter, r *http.Request, names []string) {
	version := versionFor(r.UserAgent())
	switch name := names[0]; {
	case name == "":
		e.write(w, http.StatusOK, jsonOf(map[string]any{
			"name": "yagura", "cluster_name": "yagura", "cluster_uuid": e.uuid(), "tagline": "You Know, for Search",
			"version": map[string]any{
				"number": version, "build_flavor": "default", "build_type": "docker", "build_hash": "0000000000000000000000000000000000000000",
				"build_date": "2025-01-01T00:00:00.000Z", "build_snapshot": false, "lucene_version": "9.12.2",
				"minimum_wire_compatibility_version": "7.17.0", "minimum_index_compatibility_version": "7.0.0",
			},
		}))
	case name == "_license":
		e.write(w, http.StatusOK, jsonOf(map[string]any{"license": e.license()}))
	case name == "_xpack" && len(names) > 1:
		e.write(w, http.StatusOK, jsonOf(map[string]any{"license": e.license()}))
	case name == "_xpack":
		e.write(w, http.StatusOK, jsonOf(map[string]any{"build": map[string]any{}, "license": e.license(), "features": features()}))
	case name == "_cluster" && len(names) > 1 && names[1] == "health":
		e.write(w, http.StatusOK, jsonOf(health()))
	case name == "_nodes":
		e.write(w, http.StatusOK, jsonOf(e.nodes(r.Host, version)))
	case name == "_cat" || name == "_cluster":
		e.write(w, http.StatusOK, []byte("{}\n"))
	case name == "_ingest" && len(names) < 3:
		e.write(w, http.StatusOK, []byte("{}\n"))
	default:
		e.fault(w, http.StatusNotFound, "resource_not_found_exception", "there is none")
	}
}

// set answers what a shipper sets up as done.
func (e *elastic) set(w http.ResponseWriter, r *http.Request, who Sender, names []string) {
	known := slices.Contains(kept, names[0]) || names[0] != "" && names[0][0] != '_' // an index, its mapping, its alias
	data := slices.ContainsFunc(names[1:], func(n string) bool { return n == "_doc" || n == "_create" || n == "_search" })
	if !known || data || r.Method == http.MethodPost && names[0][0] != '_' {
		e.fault(w, http.StatusBadRequest, "illegal_argument_exception", "yagura takes log lines in by _bulk; nothing else can be done here")
		return
	}
	body, err := e.body(w, r, who) // read, so that the connection can be used again
	if err != nil {
		e.refuse(w, r, err)
		return
	}
	body.Close()
	e.write(w, http.StatusOK, jsonOf(map[string]any{"acknowledged": true, "shards_acknowledged": true, "index": names[0]}))
}

// refuse is the answer to an error of a request's way, in Elasticsearch's shape.
func (e *elastic) refuse(w http.ResponseWriter, _ *http.Request, err error) {
	f := explain(err)
	f.headers(w.Header())
	e.fault(w, f.Status, elasticType(f.Status), f.Text)
}

func elasticType(status int) string {
	switch status {
	case http.StatusUnauthorized:
		return "security_exception"
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return "es_rejected_execution_exception"
	case http.StatusRequestEntityTooLarge:
		return "content_too_long_exception"
	}
	return "illegal_argument_exception"
}

func (e *elastic) fault(w http.ResponseWriter, status int, kind, reason string) {
	one := appendError(nil, kind, reason)
	b := append([]byte(`{"error":{"root_cause":[`), one...)
	b = append(append(b, `],`...), one[1:]...)
	b = strconv.AppendInt(append(b, `,"status":`...), int64(status), 10)
	e.write(w, status, append(b, "}\n"...))
}

func (e *elastic) write(w http.ResponseWriter, status int, text []byte) {
	h := w.Header()
	h.Set("X-Elastic-Product", "Elasticsearch")
	if h.Get("Content-Type") == "" {
		h.Set("Content-Type", "application/json")
	}
	h.Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	_, _ = w.Write(text)
}
