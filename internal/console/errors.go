package console

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// Kind says whose fault an error is.
type Kind uint8

// Kinds of errors and the HTTP status that they become.
const (
	Failed      Kind = iota // 500
	Invalid                 // 400: what was asked is wrong
	NotFound                // 404
	Conflict                // 409: not in this state, as a closed incident
	Unavailable             // 503: the part is away for now
)

// BadRequest is an error in what the user wrote, with its place.
type BadRequest struct {
	Message string
	Hint    string // what would be right; may be empty
	Column  int    // character of the question, from 1; 0 is unknown
}

// Error returns "search:1:12: message; hint".
func (e *BadRequest) Error() string {
	s := e.Message
	if e.Column > 0 {
		s = fmt.Sprintf("search:1:%d: %s", e.Column, s)
	}
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}

func badRequest(format string, args ...any) error {
	return &BadRequest{Message: fmt.Sprintf(format, args...)}
}

// errAbsent is a part that this instance does not run; errBusy a full house.
var (
	errAbsent = errors.New("this instance does not run the stage that knows; ask one that does")
	errBusy   = errors.New("as many questions as allowed are running; try again in a moment")
)

func (c *Console) kind(err error) Kind {
	var bad *BadRequest
	if errors.As(err, &bad) {
		return Invalid
	}
	if errors.Is(err, errAbsent) || errors.Is(err, errBusy) {
		return Unavailable
	}
	if c.deps.Classify == nil {
		return Failed
	}
	return c.deps.Classify(err)
}

func (c *Console) status(err error) int {
	if tooBig(err) {
		return http.StatusRequestEntityTooLarge
	}
	switch trouble(err) {
	case storeSlow:
		return http.StatusGatewayTimeout
	case storeAway:
		return http.StatusServiceUnavailable
	}
	switch c.kind(err) {
	case Invalid:
		return http.StatusBadRequest
	case NotFound:
		return http.StatusNotFound
	case Conflict:
		return http.StatusConflict
	case Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// refuse answers an API call with {"error": …}.
func (c *Console) refuse(w http.ResponseWriter, err error) {
	code := c.status(err)
	if code == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "2")
	}
	answer(w, code, problem{plain(err)})
}

// problem is the error body of the API.
type problem struct {
	Error string `json:"error"`
}

// answer writes v as JSON. A write that fails means that the client has left.
func answer(w http.ResponseWriter, code int, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		code, text = http.StatusInternalServerError, []byte(`{"error":"the answer cannot be written as JSON"}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(code)
	_, _ = w.Write(append(safeJSON(text), '\n'))
}
