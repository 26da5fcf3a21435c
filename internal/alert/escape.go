package alert

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"yagura/internal/event"
)

// escape shows what a terminal or a mail reader would act upon: control
// characters, bidirectional and zero-width marks, bytes that are not UTF-8.
func escape(s string) string {
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == utf8.RuneError && isBadByte(s[i:]):
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case unicode.IsGraphic(r):
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < 0x80:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

func isBadByte(s string) bool {
	_, size := utf8.DecodeRuneInString(s)
	return size <= 1
}

// cut shortens to n characters and says so.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	runes := []rune(s)
	return string(runes[:n-1]) + "…"
}

var (
	schemes = regexp.MustCompile(`(?i)\b([a-z][a-z0-9+.-]{1,15})://`)
	bare    = regexp.MustCompile(`(?i)\b(mailto|tel|sms|javascript|data|vbscript):`)
	unc     = regexp.MustCompile(`(\b\pL:|[\pL\pN%.)])?\\\\([\pL\pN])`) // but the doubled backslashes of a path in JSON
	names   = regexp.MustCompile(`[\pL\pN_-]+(?:\.[\pL\pN_-]+)*\.(?:\pL{2,}|xn--[\pL\pN-]+)`)
	http    = regexp.MustCompile(`(?i)^http`)
)

// defang breaks what mail readers turn into links: addresses of the web, of mail
// and of hosts. Field names of ours stay as they are.
func defang(s string) string {
	s = schemes.ReplaceAllStringFunc(s, func(m string) string {
		return http.ReplaceAllString(m[:len(m)-3], "hxxp") + "[:]//"
	})
	s = bare.ReplaceAllString(s, "${1}[:]")
	s = unc.ReplaceAllStringFunc(s, func(m string) string {
		if m[0] != '\\' {
			return m
		}
		return `\[\]` + m[2:]
	})
	return names.ReplaceAllStringFunc(s, func(m string) string {
		if isField(m) {
			return m
		}
		return strings.ReplaceAll(m, ".", "[.]")
	})
}

// isField reports whether m is a field's name, or one that Japanese text follows
// without a space.
func isField(m string) bool {
	if i := strings.IndexFunc(m, func(r rune) bool { return r > unicode.MaxASCII }); i > 0 && !strings.Contains(m[i:], ".") {
		m = m[:i]
	}
	_, ok := event.FieldByName(m)
	return ok
}

var (
	ipv4s  = regexp.MustCompile(`\b(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}\b`)
	ipv6s  = regexp.MustCompile(`(?i)[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?:\.\d{1,3}){0,3}`)
	emails = regexp.MustCompile(`[\pL\pN._%+-]+(@[\pL\pN.-]+)`)
)

// mask hides the ends of addresses: the last part of an IPv4 address, all but the
// beginning of an IPv6 one, the name in a mail address (policy 10).
func mask(s string) string {
	s = ipv6s.ReplaceAllStringFunc(s, maskIPv6)
	s = ipv4s.ReplaceAllString(s, "$1.x")
	return emails.ReplaceAllString(s, "x$1")
}

// maskIPv6 keeps the first two groups; what only looks like an address (a time,
// a hardware address) stays.
func maskIPv6(m string) string {
	addr, err := netip.ParseAddr(m)
	if err != nil || addr.Unmap().Is4() {
		return m
	}
	full := addr.As16()
	return fmt.Sprintf("%x:%x:x", uint16(full[0])<<8|uint16(full[1]), uint16(full[2])<<8|uint16(full[3]))
}

// Lengths shown, in characters.
const (
	shownValue = 200
	shownLine  = 800
	shownName  = 120
)

// shower prepares text from outside for a mail.
type shower struct{ masked bool }

func (s shower) text(v string, n int) string {
	if s.masked {
		v = mask(v)
	}
	return defang(cut(escape(v), n))
}

func (s shower) value(v string) string { return s.text(v, shownValue) }

// own is text of rules and settings: never a link to break, but escaped.
func own(v string) string { return cut(escape(v), 2000) }
