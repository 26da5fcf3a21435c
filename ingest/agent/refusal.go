package agent

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"
)

// refusal is why a request is not done, with its answer.
type refusal struct {
	Status int
	Retry  time.Duration // after which it may come again; 0: it is wrong and will be
	Text   string
}

func (f *refusal) Error() string { return f.Text }

// Answers to senders. Texts hold nothing of what was sent.
var (
	errUnknown   = &refusal{Status: http.StatusUnauthorized, Text: "no valid token or certificate; make one with: yagura agents token NAME"}
	errLimited   = &refusal{Status: http.StatusTooManyRequests, Retry: 10 * time.Second, Text: "too many wrong tokens from this address"}
	errCrowded   = &refusal{Status: http.StatusTooManyRequests, Retry: time.Second, Text: "too many requests at once"}
	errMemory    = &refusal{Status: http.StatusTooManyRequests, Retry: 2 * time.Second, Text: "too many bodies are being received at once"}
	errTooLarge  = &refusal{Status: http.StatusRequestEntityTooLarge, Text: "the body is too large; send less in one request"}
	errBomb      = &refusal{Status: http.StatusRequestEntityTooLarge, Text: "the body inflates to more than a hundred times its size"}
	errEncoding  = &refusal{Status: http.StatusUnsupportedMediaType, Text: "this Content-Encoding is not known; want gzip, zstd or none"}
	errDamaged   = &refusal{Status: http.StatusBadRequest, Text: "the body cannot be inflated: it is damaged or cut"}
	errCut       = &refusal{Status: http.StatusBadRequest, Text: "the body is shorter than was said"}
	errSlow      = &refusal{Status: http.StatusRequestTimeout, Text: "the body comes too slowly"}
	errBusy      = &refusal{Status: http.StatusServiceUnavailable, Retry: 5 * time.Second, Text: "there is no room at the moment; send it again later"}
	errNotOnDisk = &refusal{Status: http.StatusServiceUnavailable, Retry: 2 * time.Second, Text: "it could not be written; send it again"}
)

// explain is the answer to an error of a request's way.
func explain(err error) *refusal {
	var f *refusal
	switch {
	case errors.As(err, &f):
		return f
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return errBusy
	}
	return errNotOnDisk
}

// headers sets what goes with the answer.
func (f *refusal) headers(h http.Header) {
	if f.Retry > 0 {
		h.Set("Retry-After", strconv.Itoa(int(max(1, f.Retry/time.Second))))
	}
	if f.Status == http.StatusUnauthorized {
		h.Add("WWW-Authenticate", `Bearer realm="yagura"`)
		h.Add("WWW-Authenticate", `Basic realm="yagura", charset="UTF-8"`)
		h.Add("WWW-Authenticate", "ApiKey")
	}
}

// writeJSON answers. An error of writing is the connection's, and it ends.
func writeJSON(w http.ResponseWriter, status int, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		status, text = http.StatusInternalServerError, []byte(`{}`)
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(text)+1))
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n'))
}
