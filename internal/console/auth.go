package console

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"math"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// person is who stands behind a request.
type person struct {
	Name string // given at log-on; "" for the token and the socket
	From string // peer address, or "socket"
}

type contextKey int

const (
	keyPerson contextKey = iota // person
	keySocket                   // true: the request came through the unix socket
)

func caller(r *http.Request) person {
	p, _ := r.Context().Value(keyPerson).(person)
	return p
}

// peer is the address that the connection comes from, without its port.
func peer(r *http.Request) string {
	if r.Context().Value(keySocket) != nil {
		return "socket"
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// identify finds out who asks. wait > 0: the address has failed too often.
func (c *Console) identify(r *http.Request) (p person, ok bool, wait time.Duration) {
	p.From = peer(r)
	if p.From == "socket" { // its mode let the caller in
		return p, true, 0
	}
	if header := r.Header.Get("Authorization"); header != "" {
		token, _ := strings.CutPrefix(header, "Bearer ")
		ok, wait = c.logOn(p.From, token)
		return p, ok, wait
	}
	if k, err := r.Cookie(c.cookieName()); err == nil {
		s, found := c.sessions.find(k.Value)
		p.Name = s.name
		return p, found, 0
	}
	return p, false, 0
}

// logOn checks a token, in constant time and within the limit of failures.
func (c *Console) logOn(from, token string) (ok bool, wait time.Duration) {
	ok, wait = c.limiter.try(from, func() bool {
		sum := sha256.Sum256([]byte(token))
		return subtle.ConstantTimeCompare(sum[:], c.token) == 1
	})
	if !ok {
		c.metrics.refused.Inc()
		if wait == 0 { // the limit bounds these lines, too
			c.log.Warn("log-on refused", "from", from)
		}
	}
	return ok, wait
}

// api lets known callers through and answers others in JSON.
func (c *Console) api(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p, ok, wait := c.identify(r)
		switch {
		case ok:
			next(w, r.WithContext(context.WithValue(r.Context(), keyPerson, p)))
		case wait > 0:
			retryAfter(w, wait)
			answer(w, http.StatusTooManyRequests, problem{"too many failed log-ons from this address; wait a minute"})
		default:
			w.Header().Set("WWW-Authenticate", `Bearer realm="yagura"`)
			answer(w, http.StatusUnauthorized, problem{"log-on needed; send the token as Authorization: Bearer …"})
		}
	}
}

// page lets logged-on readers through and sends others to the log-on page.
func (c *Console) page(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p, ok, wait := c.identify(r)
		switch {
		case ok:
			next(w, r.WithContext(context.WithValue(r.Context(), keyPerson, p)))
		case wait > 0:
			retryAfter(w, wait)
			http.Error(w, "too many failed log-ons from this address; wait a minute", http.StatusTooManyRequests)
		case r.Method == http.MethodGet && r.Header.Get("Sec-Fetch-Site") == "cross-site":
			c.comeAgain(w, r)
		default:
			to := "/login"
			if r.Method == http.MethodGet && r.URL.RequestURI() != "/" {
				to += "?next=" + url.QueryEscape(r.URL.RequestURI())
			}
			http.Redirect(w, r, to, http.StatusSeeOther)
		}
	}
}

// comeAgain answers a link followed from another site, as from a mail read in the
// browser: there the session's cookie is kept back (SameSite=Strict). The page asks
// for itself again, and then the cookie comes along.
func (c *Console) comeAgain(w http.ResponseWriter, r *http.Request) {
	p := c.speechOf(w, r)
	c.draw(w, r, p, http.StatusOK, frame{Page: "again", Title: p.say("product"), Again: localPath(r.URL.RequestURI())})
}

func retryAfter(w http.ResponseWriter, wait time.Duration) {
	w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
}
