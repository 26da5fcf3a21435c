package alert

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"yagura/internal/event"
)

// Errors of the response record.
var (
	ErrNotFound = errors.New("no such incident")
	ErrClosed   = errors.New("incident is closed")
	ErrInput    = errors.New("invalid input")
)

// maxText bounds what a person writes, in bytes.
const maxText = 4096

// List returns the incidents held, newest first; status "" means all.
func (t *Stage) List(_ context.Context, status string) ([]event.Incident, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	list := make([]event.Incident, 0, len(t.state.incidents))
	for _, inc := range t.state.incidents {
		if status == "" || inc.Incident.Status == status {
			list = append(list, inc.copy())
		}
	}
	slices.SortFunc(list, func(a, b event.Incident) int {
		return cmp.Or(b.Opened.Compare(a.Opened), cmp.Compare(a.ID, b.ID))
	})
	return list, nil
}

// Get returns one incident, or ErrNotFound.
func (t *Stage) Get(_ context.Context, id string) (event.Incident, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	inc := t.state.incidents[id]
	if inc == nil {
		return event.Incident{}, fmt.Errorf("%w: %q", ErrNotFound, id)
	}
	return inc.copy(), nil
}

// copy shares nothing that changes.
func (i *incident) copy() event.Incident {
	c := i.Incident
	c.Notes = slices.Clone(c.Notes)
	return c
}

// Ack says that who has taken the incident in hand: nobody else is told. On an
// acknowledged one it adds the note only. text may be empty.
func (t *Stage) Ack(_ context.Context, id, who, text string) (event.Incident, error) {
	return t.respond(id, who, text, func(inc *incident, c *change) error {
		if inc.Incident.Status == event.StatusClosed {
			return ErrClosed
		}
		c.Status = event.StatusAcknowledged
		if inc.Incident.Assignee == "" {
			c.Assignee = &who
		}
		c.Note.What = sentence("acknowledged", text)
		return nil
	})
}

// Close ends the incident: the next alert of the same rule and group opens a new
// one. text says why; on a closed one: ErrClosed.
func (t *Stage) Close(_ context.Context, id, who, text string) (event.Incident, error) {
	return t.respond(id, who, text, func(inc *incident, c *change) error {
		if inc.Incident.Status == event.StatusClosed {
			return ErrClosed
		}
		c.Status = event.StatusClosed
		c.Note.What = sentence("closed", text)
		return nil
	})
}

// AddNote writes text into the response record, also of a closed incident.
func (t *Stage) AddNote(_ context.Context, id, who, text string) (event.Incident, error) {
	return t.respond(id, who, text, func(_ *incident, c *change) error {
		if text == "" {
			return fmt.Errorf("%w: note is empty", ErrInput)
		}
		c.Note.What = text
		return nil
	})
}

// Assign gives the incident to the person named by text; "" to nobody.
func (t *Stage) Assign(_ context.Context, id, who, text string) (event.Incident, error) {
	return t.respond(id, who, text, func(inc *incident, c *change) error {
		if inc.Incident.Status == event.StatusClosed {
			return ErrClosed
		}
		if strings.ContainsFunc(text, unicode.IsControl) {
			return fmt.Errorf("%w: assignee: %q; would be right: a person's name", ErrInput, cut(text, 40))
		}
		c.Assignee = &text
		c.Note.What = sentence("assigned", cmp.Or(text, "nobody"))
		return nil
	})
}

func sentence(verb, text string) string {
	if text == "" {
		return verb
	}
	return verb + ": " + text
}

// respond records what a person did and returns when it is on disk.
func (t *Stage) respond(id, who, text string, fill func(*incident, *change) error) (event.Incident, error) {
	for name, s := range map[string]string{"who": who, "text": text} {
		if len(s) > maxText || !utf8.ValidString(s) {
			return event.Incident{}, fmt.Errorf("%w: %s: %d bytes; would be right: UTF-8 up to %d bytes", ErrInput, name, len(s), maxText)
		}
	}
	if who == "" || strings.ContainsFunc(who, unicode.IsControl) {
		return event.Incident{}, fmt.Errorf("%w: who: %q; would be right: a person's name", ErrInput, cut(who, 40))
	}
	after, number, err := t.changed(id, who, fill)
	if err != nil {
		return event.Incident{}, err
	}
	if err := t.durable(number); err != nil {
		return event.Incident{}, fmt.Errorf("record response: %w", err)
	}
	return after, nil
}

func (t *Stage) changed(id, who string, fill func(*incident, *change) error) (after event.Incident, number uint64, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	inc := t.state.incidents[id]
	if inc == nil {
		return after, 0, fmt.Errorf("%w: %q", ErrNotFound, id)
	}
	now := t.clock.Now()
	c := &change{ID: id, Note: &event.Note{Time: now.UTC(), Who: who}}
	if err := fill(inc, c); err != nil {
		return after, 0, err
	}
	if len(inc.Incident.Notes) >= maxNotes && (c.Status == "" || c.Status == inc.Incident.Status) {
		return after, 0, fmt.Errorf("%w: incident %s has its %d notes", ErrInput, id, maxNotes)
	}
	if number, err = t.commit(&record{Time: now, Change: c}); err != nil {
		return after, 0, err
	}
	return inc.copy(), number, nil
}
