package parse

import (
	"yagura/internal/event"
)

// newDraft is a draft as a listener makes it.
func newDraft(raw string) *event.Draft {
	d := &event.Draft{}
	d.Reset([]byte(raw))
	d.Received = received
	return d
}
