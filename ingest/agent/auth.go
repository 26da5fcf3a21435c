package agent

import (
	"encoding/base64"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"yagura/internal/event"
)

// who tells who made the request, or why it is refused. It asks the limiter before
// the registry.
func (s *Server) who(r *http.Request) (Sender, error) {
	addr := from(r)
	token := tokenOf(r.Header.Get("Authorization"))
	if token == "" {
		if e, ok := s.certified(r); ok {
			s.requests.Add(1)
			return Sender{Name: e.SourceName(), ID: e.Name, Kind: e.Kind, Addr: addr}, nil
		}
	}
	e, err := s.shown(addr, KindToken, token)
	if err != nil {
		return Sender{}, err
	}
	return Sender{Name: e.SourceName(), ID: e.Name, Kind: e.Kind, Addr: addr}, nil
}

// shown is the entry of a kind whose token was shown from the address.
func (s *Server) shown(addr netip.Addr, kind Kind, token string) (Entry, error) {
	hash := HashToken(token)
	if !s.limiter.allows(addr) && !s.limiter.isProven(addr, hash) {
		s.limited.Add(1)
		return Entry{}, errLimited
	}
	e, ok := s.registry.Find(token)
	if !ok || e.Kind != kind {
		s.limiter.fail(addr)
		s.denied.Add(1)
		s.ledger.refuse(addr.String(), event.Denied)
		return Entry{}, errUnknown
	}
	s.limiter.prove(addr, hash)
	s.requests.Add(1)
	return e, nil
}

// from is the address of the request.
func from(r *http.Request) netip.Addr {
	at, _ := netip.ParseAddrPort(r.RemoteAddr) // net/http's own text
	return at.Addr().Unmap().WithZone("")
}

// certified is the entry of the certificate that the sender has shown: an enrolled
// agent's of our own CA, or one of listen.agents.client_ca, known by its common name.
func (s *Server) certified(r *http.Request) (Entry, bool) {
	if r.TLS == nil || len(r.TLS.VerifiedChains) == 0 {
		return Entry{}, false
	}
	leaf := r.TLS.VerifiedChains[0][0]
	if time.Now().After(leaf.NotAfter) { // TLS looked at the first request of the connection only
		return Entry{}, false
	}
	e, known := s.registry.Named(KindAgent, leaf.Subject.CommonName)
	if s.certs.Ours(r.TLS.VerifiedChains) {
		return e, known && e.Good(time.Now()) && e.holds(leaf.SerialNumber.Text(16))
	}
	if known && !e.Good(time.Now()) || !nameOK(leaf.Subject.CommonName) {
		return Entry{}, false
	}
	return Entry{Name: leaf.Subject.CommonName, Kind: KindAgent}, true
}

// tokenOf is the token of an Authorization header, "" when there is none: Bearer and
// Splunk; the password of Basic; the key of Elastic's ApiKey base64(id:key), whose id
// is for people.
func tokenOf(header string) string {
	scheme, rest, _ := strings.Cut(strings.TrimSpace(header), " ")
	rest = strings.TrimSpace(rest)
	switch strings.ToLower(scheme) {
	case "bearer", "splunk":
		return rest
	case "basic", "apikey":
		if strings.HasPrefix(rest, Prefix) { // as it is
			return rest
		}
		text, err := base64.StdEncoding.DecodeString(rest)
		if err != nil {
			text, err = base64.RawURLEncoding.DecodeString(strings.TrimRight(rest, "="))
		}
		if err != nil {
			return rest // no base64: it is no token either
		}
		if _, key, ok := strings.Cut(string(text), ":"); ok {
			return key
		}
		return string(text)
	}
	return ""
}
