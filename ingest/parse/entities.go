package parse

import (
	"bytes"

	"yagura/internal/event"
)

// entities brings what names machines and people to one form, so that events of
// different devices can be joined: hardware addresses become "00:1b:2c:3d:4e:5f"; a
// user name that carries its realm ("sato@CITY.EXAMPLE.JP", "sato@city.example.jp")
// stays as it was written, and the bare name stands beside it in related.user.
func (l *Line) entities() {
	for i, n := 0, l.Len(); i < n && !l.noMACs; i++ {
		switch f, v := l.At(i); f {
		case event.SourceMAC, event.DestinationMAC, event.ClientMAC, event.HostMAC:
			var tmp [17]byte
			if mac := appendMAC(tmp[:0], v); mac != nil && !bytes.Equal(mac, v) {
				l.sameMACs(f)
				i, n = i-1, l.Len()
			}
		}
	}
	user, _ := l.Get(event.UserName)
	if at := bytes.IndexByte(user, '@'); at > 0 && at < 64 {
		var tmp [64]byte
		l.Set(event.RelatedUser, lowerInto(tmp[:0], user[:at]))
	}
}

// sameMACs writes all addresses of a field in one form.
func (l *Line) sameMACs(f event.Field) {
	var old [16][]byte
	n := 0
	for i := range l.Len() {
		if g, v := l.At(i); f == g && n < len(old) {
			old[n] = v
			n++
		}
	}
	l.Delete(f)
	for _, v := range old[:n] {
		var tmp [17]byte
		if mac := appendMAC(tmp[:0], v); mac != nil {
			v = mac
		}
		l.Set(f, v)
	}
}

// appendMAC appends a hardware address of 48 bits in lower case with colons; nil: v is
// none. "00-1B-2C-3D-4E-5F", "001b.2c3d.4e5f", "001b2c3d4e5f", "001b-2c3d-4e5f".
func appendMAC(dst, v []byte) []byte {
	if len(v) < 12 || len(v) > 17 {
		return nil
	}
	n := 0
	for _, c := range v {
		switch {
		case digit(c), c|0x20-'a' <= 5:
			if n > 0 && n%2 == 0 {
				dst = append(dst, ':')
			}
			if c-'A' <= 5 {
				c |= 0x20
			}
			dst = append(dst, c)
			if n++; n > 12 {
				return nil
			}
		case c != ':' && c != '-' && c != '.':
			return nil
		}
	}
	if n != 12 {
		return nil
	}
	return dst
}
