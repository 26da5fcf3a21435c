package alert

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"strings"
	"text/template"
	"unicode"

	gomail "github.com/wneessen/go-mail"

	"yagura/internal/event"
)

//go:embed mail/text.tmpl
var textSource string

//go:embed mail/html.tmpl
var htmlSource string

var (
	textTemplate = template.Must(template.New("text").Parse(textSource))
	htmlTemplate = htmltemplate.Must(htmltemplate.New("html").Parse(htmlSource))
)

// compose renders a mail: the same bytes on every try, as all that goes in was
// written down when the mail was made.
func (t *Stage) compose(m *mail) ([]byte, error) {
	incidents := t.copies(m.Items)
	w := writer{zone: t.config.Zone, console: t.config.ConsoleURL, masked: t.config.Mask}
	s := speak(or(m.To.Language, t.config.Language))
	var p page
	level := event.Informational
	for _, inc := range incidents {
		level = max(level, inc.First.Level)
	}
	switch {
	case m.Kind == kindDigest:
		p = w.digest(m, incidents, s)
	case len(incidents) == 1:
		p = w.single(m, &incidents[0], s)
	default: // its incident's record was damaged: the number is all that is left
		p = w.begin(level, s)
		p.Title = s.incident + " " + strings.Join(m.Items, ", ")
		p.Subject = fmt.Sprintf("[%s] %s", s.product, p.Title)
	}
	msg, err := t.message(m, p, level)
	if err != nil {
		return nil, fmt.Errorf("compose mail %s: %w", m.ID, err)
	}
	var out bytes.Buffer
	if _, err := msg.WriteTo(&out); err != nil {
		return nil, fmt.Errorf("compose mail %s: %w", m.ID, err)
	}
	return out.Bytes(), nil
}

func (t *Stage) copies(ids []string) []event.Incident {
	t.mu.Lock()
	defer t.mu.Unlock()
	list := make([]event.Incident, 0, len(ids))
	for _, id := range ids {
		if inc := t.state.incidents[id]; inc != nil {
			list = append(list, inc.copy())
		}
	}
	return list
}

// message puts the page into a mail: multipart/alternative, text first.
func (t *Stage) message(m *mail, p page, level event.Level) (*gomail.Msg, error) {
	var text, html bytes.Buffer
	if err := errors.Join(textTemplate.Execute(&text, p), htmlTemplate.Execute(&html, p)); err != nil {
		return nil, err
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithBoundary(boundary(text.Bytes(), html.Bytes())))
	if err := t.address(msg, m.To); err != nil {
		return nil, err
	}
	first := ""
	if number := mailNumber(m.ID); m.Kind != kindDigest && number > 1 {
		first = fmt.Sprintf("<%s.1@%s>", m.Items[0], t.config.Domain)
	}
	for _, h := range []struct {
		name  gomail.Header
		value string
	}{
		{gomail.HeaderSubject, p.Subject},
		{gomail.HeaderMessageID, fmt.Sprintf("<%s@%s>", m.ID, t.config.Domain)},
		{gomail.HeaderInReplyTo, first},
		{gomail.HeaderReferences, first},
		{"Auto-Submitted", "auto-generated"}, // RFC 3834
		{"X-Auto-Response-Suppress", "All"},
		{"X-Yagura-Incident", strings.Join(m.Items[:min(len(m.Items), 20)], " ")},
	} {
		if h.value == "" {
			continue
		}
		value, err := header(h.value)
		if err != nil {
			return nil, fmt.Errorf("header %s: %w", h.name, err)
		}
		msg.SetGenHeader(h.name, value)
	}
	msg.SetDateWithValue(m.Created.In(t.config.Zone))
	msg.SetImportance(importance(level))
	msg.SetBodyString(gomail.TypeTextPlain, crlf(text.String()))
	msg.AddAlternativeString(gomail.TypeTextHTML, crlf(html.String()))
	return msg, nil
}

// boundary parts the mail: a hash of what it parts, so that it is the same on
// every try and nothing inside can be made to contain it.
func boundary(parts ...[]byte) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write(p)
	}
	return fmt.Sprintf("yagura-%x", h.Sum(nil)[:20])
}

// address sets sender and recipient: both come from configuration only.
func (t *Stage) address(msg *gomail.Msg, to Person) error {
	if err := msg.From(t.config.From); err != nil {
		return err
	}
	name, err := header(to.Name)
	if err != nil {
		return err
	}
	if name == "" || name == to.Address {
		return msg.To(to.Address)
	}
	return msg.AddToFormat(name, to.Address)
}

// header is the one way into a header field. It refuses what could end the field
// or begin another.
func header(s string) (string, error) {
	if i := strings.IndexFunc(s, unicode.IsControl); i >= 0 {
		return "", fmt.Errorf("control character at byte %d", i)
	}
	return s, nil
}

func importance(level event.Level) gomail.Importance {
	switch {
	case level >= event.High:
		return gomail.ImportanceHigh
	case level <= event.Low:
		return gomail.ImportanceLow
	default:
		return gomail.ImportanceNormal
	}
}

func crlf(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\n", "\r\n")
}
