package engine

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// request is one statement as the HTTP interface brought it.
type request struct {
	account  Account
	query    url.Values
	shape    shape
	settings []setting
	params   []param
	format   string // of the answer, or of the rows of an INSERT
	database string
	id       string
	rows     io.Reader // rows of an INSERT
}

// authenticate finds the account by URL parameters, X-ClickHouse headers or
// basic authentication, in this order. All hashes are compared, in constant time.
func (s *Server) authenticate(r *http.Request) (Account, error) {
	q := r.URL.Query()
	name, password := q.Get("user"), q.Get("password")
	if !q.Has("user") && !q.Has("password") {
		if h := r.Header; h.Get("X-ClickHouse-User") != "" || h.Get("X-ClickHouse-Key") != "" {
			name, password = h.Get("X-ClickHouse-User"), h.Get("X-ClickHouse-Key")
		} else if u, p, ok := r.BasicAuth(); ok {
			name, password = u, p
		}
	}
	if name == "" {
		name = "default"
	}
	sum := sha256.Sum256([]byte(password))
	var found *Account
	for i := range s.cfg.Accounts {
		a := &s.cfg.Accounts[i]
		want, err := hex.DecodeString(a.PasswordSHA256)
		same := subtle.ConstantTimeCompare(want, sum[:]) & subtle.ConstantTimeCompare([]byte(a.Name), []byte(name))
		if err == nil && same == 1 {
			found = a
		}
	}
	if found == nil {
		return Account{}, exception(codeAuthFailed, "%s: Authentication failed: password is incorrect, or there is no user with such name", printable(name))
	}
	return *found, nil
}

func printable(s string) string {
	q := fmt.Sprintf("%q", s[:min(len(s), 64)])
	return q[1 : len(q)-1]
}

// readRequest reads the statement from query= and the body, up to the rows of
// an INSERT, which stay in the body.
func (s *Server) readRequest(r *http.Request, a Account, in io.Reader) (*request, error) {
	q := r.URL.Query()
	req := &request{account: a, query: q, database: q.Get("database"), id: q.Get("query_id")}
	if req.database == "" {
		req.database = r.Header.Get("X-ClickHouse-Database")
	}
	if req.id == "" || len(req.id) > 128 {
		req.id = newID()
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		return nil, exception(codeNotImplemented, "external tables (multipart/form-data) are not supported by the embedded engine")
	}
	text, rest, err := s.head(q.Get("query"), in)
	if err != nil {
		return nil, err
	}
	req.shape = read(text)
	switch {
	case req.shape.insert:
		req.rows = &faultReader{r: io.MultiReader(strings.NewReader(text[req.shape.dataAt:]), rest)}
	case rest != nil && !ended(rest):
		return nil, exception(codeQueryTooLarge, "statement is larger than %d bytes", s.cfg.MaxStatement)
	}
	if err := req.collect(s); err != nil {
		return nil, err
	}
	req.format = req.shape.format
	for _, f := range []string{q.Get("default_format"), r.Header.Get("X-ClickHouse-Format"), "TabSeparated"} {
		if req.format == "" {
			req.format = f
		}
	}
	if !nameLike(req.format) {
		return nil, exception(codeUnknownFormat, "Unknown format %s", printable(req.format))
	}
	return req, nil
}

// head joins query= and the beginning of the body, as ClickHouse does, with a
// line end between them.
func (s *Server) head(query string, body io.Reader) (text string, rest io.Reader, err error) {
	if len(query) > s.cfg.MaxStatement {
		return "", nil, exception(codeQueryTooLarge, "statement is larger than %d bytes", s.cfg.MaxStatement)
	}
	room := s.cfg.MaxStatement - len(query)
	if query != "" {
		room = min(room, 64<<10) // the statement is there already
	}
	var b bytes.Buffer
	if _, err := io.Copy(&b, io.LimitReader(body, int64(room))); err != nil {
		return "", nil, bodyError(err)
	}
	if query == "" {
		return b.String(), body, nil
	}
	if b.Len() == 0 {
		return query, body, nil
	}
	return strings.TrimRight(query, " \t\r\n") + "\n" + b.String(), body, nil
}

// ended tells whether r has nothing more to give.
func ended(r io.Reader) bool {
	n, err := io.ReadFull(r, make([]byte, 1))
	return n == 0 && err == io.EOF
}

// collect takes settings and parameters from the URL.
func (req *request) collect(s *Server) error {
	for name := range req.query {
		value := req.query.Get(name)
		if p, ok := strings.CutPrefix(name, "param_"); ok {
			req.params = append(req.params, param{p, value})
			continue
		}
		if transport[name] {
			continue
		}
		if !s.settings[name] {
			if req.account.ReadOnly {
				continue
			}
			return exception(codeUnknownSetting, "Unknown setting '%s'", printable(name))
		}
		req.settings = append(req.settings, setting{name, value})
	}
	slices.SortFunc(req.settings, func(a, b setting) int { return strings.Compare(a.name, b.name) })
	slices.SortFunc(req.params, func(a, b param) int { return strings.Compare(a.name, b.name) })
	return nil
}

func nameLike(s string) bool {
	for i := range len(s) {
		if !wordByte(s[i]) || s[i] >= 0x80 || s[i] == '$' {
			return false
		}
	}
	return s != "" && len(s) <= 64
}

func newID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails, see crypto/rand
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
