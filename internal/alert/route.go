package alert

import (
	"context"
	"errors"
)

// letter is a mail ready to go: bytes with CRLF, the same on every try.
type letter struct {
	id    string // of the mail: file names come from it
	to    string // address
	bytes []byte
}

// route carries letters. deliver calls before once, right before the letter may
// reach its reader; nil means it has arrived.
type route interface {
	name() string
	deliver(ctx context.Context, l letter, before func() error) error
}

// errRefused marks an answer that is final for this person and route (5xx).
var errRefused = errors.New("refused for good")
