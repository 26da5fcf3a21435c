package agent

import (
	"net/http"
	"net/netip"
)

// Sender is who made a request.
type Sender struct {
	Name string     // what the books know it by: the source its token is bound to, or its name
	ID   string     // name of its entry in the registry
	Kind Kind       // of the entry
	Addr netip.Addr // where the request came from
}

// handle serves a pattern of http.ServeMux to senders that have shown a token or a
// certificate; all others have their answer when h is not called.
func (s *Server) handle(pattern string, h func(w http.ResponseWriter, r *http.Request, who Sender)) {
	s.handleAs(pattern, func(w http.ResponseWriter, _ *http.Request, err error) { s.refuse(w, err) }, h)
}

// handleAs is handle for a protocol that refuses in a shape of its own.
func (s *Server) handleAs(pattern string, refuse func(http.ResponseWriter, *http.Request, error), h func(http.ResponseWriter, *http.Request, Sender)) {
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		who, err := s.who(r)
		if err == nil {
			var leave func()
			if leave, err = s.senders.take(who.Name); err == nil {
				defer leave()
				h(w, r, who)
				return
			}
			s.crowded.Add(1)
		}
		refuse(w, r, err)
	})
}

// open serves a pattern to anybody, within the limiter: enrolment, which finds out by
// itself who sends. h calls s.limiter.fail(addr) for what looks like guessing.
func (s *Server) open(pattern string, h func(w http.ResponseWriter, r *http.Request, addr netip.Addr)) {
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		addr := from(r)
		if !s.limiter.allows(addr) {
			s.limited.Add(1)
			s.refuse(w, errLimited)
			return
		}
		h(w, r, addr)
	})
}

// refuse answers an error in plain JSON; protocols with a shape of their own use
// explain.
func (s *Server) refuse(w http.ResponseWriter, err error) {
	f := explain(err)
	f.headers(w.Header())
	writeJSON(w, f.Status, map[string]any{"error": f.Text, "status": f.Status})
}

// intake opens an Intake for a request of the sender.
func (s *Server) intake(who Sender) *Intake {
	in := s.desk.intake(who.Name)
	in.sender = string(who.Kind) + " " + who.ID + " " + who.Addr.String()
	return in
}
