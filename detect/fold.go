package detect

import (
	"encoding/binary"
	"unicode/utf8"

	"yagura/detect/sigma"
)

// asciiFold maps ASCII capitals to small letters and leaves other bytes alone.
var asciiFold = func() (t [256]byte) {
	for i := range t {
		t[i] = byte(i)
		if 'A' <= i && i <= 'Z' {
			t[i] += 'a' - 'A'
		}
	}
	return t
}()

// isASCII reports whether no byte has its high bit set.
func isASCII(v []byte) bool {
	for len(v) >= 8 {
		if binary.LittleEndian.Uint64(v)&0x8080808080808080 != 0 {
			return false
		}
		v = v[8:]
	}
	for _, c := range v {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// appendFold appends sigma.Fold(v) to dst.
func appendFold(dst, v []byte) []byte {
	for i := 0; i < len(v); {
		if c := v[i]; c < utf8.RuneSelf {
			dst = append(dst, asciiFold[c])
			i++
			continue
		}
		r, size := utf8.DecodeRune(v[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			dst = append(dst, v[i])
		case 0x2e80 <= r && r < 0xa640: // kana and Chinese characters have no case
			dst = append(dst, v[i:i+size]...)
		default:
			dst = utf8.AppendRune(dst, sigma.FoldRune(r))
		}
		i += size
	}
	return dst
}
