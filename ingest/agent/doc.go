// Package agent receives what programs ship over protocols that answer: over HTTPS
// JSON and lines, Elasticsearch's _bulk, HEC, OTLP and what yagura's own agents send;
// beside it Lumberjack (Beats) and letters of NATS.
//
//	request ─► limiter ─► who sent it ─► body (inflated, bounded) ─► records ─► Intake ─► Sink (blocks)
//	                                                                 answer ◄─ Settle ◄─ on disk
//
// # The seam
//
// A desk is what one listener's connections share: the sink, the parsers, the books.
// Each request (or window of a protocol with acknowledgements) opens an Intake with
// desk.intake, calls Take for each record and Settle once, and answers only when that
// returned nil. Take blocks while the bus has no room; its error and that of Settle
// mean that nothing may be answered as taken: the sender sends it again.
//
// The HTTPS Server holds a desk. A protocol over HTTPS adds itself in a file of its
// own, in a method that New calls:
//
//	s.handle("POST /services/collector/event", s.hec)
//	func (s *Server) hec(w http.ResponseWriter, r *http.Request, who Sender) {
//		body, err := s.body(w, r, who)     // inflated, bounded, in a time
//		if err != nil { … explain(err) …; return }
//		defer body.Close()                 // the bytes go back
//		in := s.intake(who)
//		defer in.Close()
//		in.Resume(r.Context(), body.digest()) // of a resent body nothing is taken twice
//		for … { if err := in.Take(r.Context(), Record{…}); err != nil {…} }
//		if err := in.Settle(r.Context()); err != nil {…}
//		… answer 200 …
//		in.Answered(w, r)
//	}
//
// handle has asked the limiter and the registry already (401 is answered, counted and
// booked as denied); open is for what needs no name (enrolment): it is limited only.
// explain turns an error of body, Take and Settle into status, seconds to wait and
// words. Patterns are those of http.ServeMux; what fits none is taken for
// Elasticsearch's interface, whose paths begin with names of indices.
//
// A protocol that is not HTTP makes a desk of its own with newDesk, runs desk.run
// beside its listener, and takes its TLS configuration from a Certificates.
//
// # What is kept as raw
//
// The bytes that say what happened, as they came: a JSON document of /v1/events, of _bulk
// or of Beats; of HEC what a string in "event" says, else its JSON; of OTLP what a string
// body says, any other body as the JSON that it stands for, without one the attributes;
// a message of NATS. Of an envelope around it (HEC's host, source, fields; OTLP's
// resource, scope, attributes) the values become fields that the line itself did not set:
// ECS names under themselves, others under their own or labels.*, never yagura.*.
//
// # Guarantees
//
// Nothing is answered before it is on the bus's disk. Whole bodies are read before
// anything of them is taken: one that is cut, too large or no JSON leaves nothing.
// Every record taken or refused is in the books of its sender; senders are bounded.
package agent
