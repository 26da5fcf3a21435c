package console

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strings"
)

var (
	// wire is what the way to the engine puts before its answer.
	wire = regexp.MustCompile(`^(?:[A-Za-z]+: )*(?:\[HTTP \d+\] )?code: \d+, message: `)
	// request is the engine's address with all its parameters: noise to a reader.
	request = regexp.MustCompile(`(?:Post|Get) "[^"]*": `)
)

// plain is an error's text without what only its way here has added.
func plain(err error) string {
	var big *http.MaxBytesError
	if errors.As(err, &big) {
		return fmt.Sprintf("what was sent is too large; would be right: at most %d KiB", big.Limit>>10)
	}
	return request.ReplaceAllString(wire.ReplaceAllString(err.Error(), ""), "")
}

// tooBig tells a body beyond its bound.
func tooBig(err error) bool {
	var big *http.MaxBytesError
	return errors.As(err, &big)
}

// Words of trouble, keys of the words of the pages.
const (
	storeSlow = "store_slow"
	storeAway = "store_away"
)

// trouble tells a store that is slow or away from other errors, "". Drivers do not
// always keep the cause inside their error, so its text counts, too.
func trouble(err error) string {
	text := err.Error()
	ends := func(list ...string) bool {
		for _, end := range list {
			if strings.HasSuffix(text, end) {
				return true
			}
		}
		return false
	}
	var network *net.OpError
	switch {
	case errors.Is(err, context.DeadlineExceeded) || ends(context.DeadlineExceeded.Error(), "i/o timeout") || strings.Contains(text, "acquire conn timeout"):
		return storeSlow
	case errors.As(err, &network) || ends("connection refused", "connect: no such file or directory", ": EOF", "broken pipe", "connection reset by peer"):
		return storeAway
	}
	return ""
}

// reason says an error to a reader.
func (s speech) reason(err error) string {
	var bad *BadRequest
	if errors.As(err, &bad) {
		return err.Error()
	}
	if tooBig(err) {
		return s.say("too_big")
	}
	if key := trouble(err); key != "" {
		return s.say(key)
	}
	return plain(err)
}
