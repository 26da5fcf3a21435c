package console

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net"
	"net/http"
	"sync"
	"time"
)

// Bounds of sessions.
const (
	sessionLife = 12 * time.Hour
	maxSessions = 1000
)

// sessions are the logged-on browsers. They live in memory only: a restart logs
// everybody off. Keys are hashes, so that a look-up tells nothing by its time.
type sessions struct {
	mu   sync.Mutex
	now  func() time.Time
	live map[[32]byte]session
}

type session struct {
	name string // given at log-on
	ends time.Time
}

func newSessions() *sessions {
	return &sessions{now: time.Now, live: map[[32]byte]session{}}
}

// open makes a session and returns its id: 256 random bits.
func (s *sessions) open(name string) string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails (crypto/rand)
	id := base64.RawURLEncoding.EncodeToString(raw)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.live) >= maxSessions {
		s.drop()
	}
	s.live[sha256.Sum256([]byte(id))] = session{name, s.now().Add(sessionLife)}
	return id
}

// drop removes what has ended, or else the session that ends first.
func (s *sessions) drop() {
	now := s.now()
	var first [32]byte
	var ends time.Time
	for key, x := range s.live {
		if !x.ends.After(now) {
			delete(s.live, key)
		} else if ends.IsZero() || x.ends.Before(ends) {
			first, ends = key, x.ends
		}
	}
	if len(s.live) >= maxSessions {
		delete(s.live, first)
	}
}

func (s *sessions) find(id string) (session, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x, ok := s.live[sha256.Sum256([]byte(id))]
	return x, ok && x.ends.After(s.now())
}

func (s *sessions) close(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.live, sha256.Sum256([]byte(id)))
}

// cookie is the session's cookie. Browsers do not tell ports apart, so the port
// is in the name: two instances on one host do not log each other off.
func (c *Console) cookie(id string) *http.Cookie {
	k := &http.Cookie{
		Name: c.cookieName(), Value: id, Path: "/", MaxAge: int(sessionLife / time.Second),
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: c.config.Cert != "",
	}
	if id == "" {
		k.MaxAge = -1
	}
	return k
}

func (c *Console) cookieName() string {
	_, port, err := net.SplitHostPort(c.Addr())
	if err != nil {
		return "yagura"
	}
	if c.config.Cert != "" {
		return "__Host-yagura-" + port
	}
	return "yagura-" + port
}
