package sigma

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Fold maps a text to the form in which texts that differ only in case are equal: ASCII letters become lower case, other
// characters the least of those that Unicode's simple folding calls equal (an ASCII lower-case letter where it is among
// them: the Kelvin sign is k). Bytes that are not UTF-8 stay as they are. Full folding (ß = ss) is not done.
func Fold(s string) string {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= utf8.RuneSelf || 'A' <= c && c <= 'Z' {
			return foldSlow(s)
		}
	}
	return s
}

func foldSlow(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			b.WriteByte(s[i])
		} else {
			b.WriteRune(FoldRune(r))
		}
		i += size
	}
	return b.String()
}

// FoldRune is Fold of one character.
func FoldRune(r rune) rune {
	if r < utf8.RuneSelf {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}
	least := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		least = min(least, next)
	}
	if 'A' <= least && least <= 'Z' {
		least += 'a' - 'A'
	}
	return least
}
