package console

import (
	"fmt"
	"html/template"
	"strings"
	"unicode/utf8"
)

// mostShown bounds the bytes of one value on a page; the API has the whole.
const mostShown = 16 << 10

// visible escapes a value for HTML. Characters that a browser would act upon
// instead of showing become marked code points, bytes that are no UTF-8 too; line
// breaks and tabs are kept for white-space: pre-wrap.
func visible(s string) template.HTML {
	rest := ""
	if len(s) > mostShown {
		rest = fmt.Sprintf(`<span class="ctl">… +%d bytes</span>`, len(s)-mostShown)
		s = s[:mostShown]
		for len(s) > 0 && !utf8.RuneStart(s[len(s)-1]) {
			s = s[:len(s)-1]
		}
		if len(s) > 0 && s[len(s)-1] >= utf8.RuneSelf { // the start of a cut character
			s = s[:len(s)-1]
		}
	}
	var b strings.Builder
	plain := 0
	for i, r := range s {
		size := utf8.RuneLen(r)
		bad := r == utf8.RuneError && !strings.HasPrefix(s[i:], "\ufffd")
		if bad {
			size = 1
		}
		if !bad && (!treacherous(r) || r == '\n' || r == '\t') {
			continue
		}
		b.WriteString(template.HTMLEscapeString(s[plain:i]))
		plain = i + size
		if bad {
			fmt.Fprintf(&b, `<span class="ctl">\x%02X</span>`, s[i])
		} else {
			fmt.Fprintf(&b, `<span class="ctl">U+%04X</span>`, r)
		}
	}
	b.WriteString(template.HTMLEscapeString(s[plain:]))
	return template.HTML(b.String() + rest)
}

// cut shortens a text to n characters.
func cut(n int, s string) string {
	count := 0
	for i := range s {
		if count == n {
			return s[:i] + "…"
		}
		count++
	}
	return s
}

// spelled is the same for where no markup may stand, as a title.
func spelled(s string) string {
	var b strings.Builder
	for _, r := range strings.ToValidUTF8(s, "?") {
		if treacherous(r) && r != '\n' && r != '\t' {
			fmt.Fprintf(&b, "[U+%04X]", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}
