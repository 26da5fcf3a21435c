package syslog

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"net/netip"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxName bounds the name of a sender, in bytes: that of a host name.
const maxName = 253

// boundName is the name by which the books know the bearer of a certificate: the
// first of its names that clients holds, or without clients its first name. ok tells
// that it may send.
func boundName(c *x509.Certificate, clients []string) (name string, ok bool) {
	all := certificateNames(c)
	for _, n := range all {
		if slices.Contains(clients, n) {
			return n, true
		}
	}
	return all[0], len(clients) == 0
}

// certificateNames are the names of a certificate, at least one: host names, URIs and
// mail addresses of its subjectAltName, then the common name; of one that has none of
// them its addresses, or its fingerprint.
func certificateNames(c *x509.Certificate) (names []string) {
	all := slices.Clone(c.DNSNames)
	for _, u := range c.URIs {
		all = append(all, u.String())
	}
	all = append(append(all, c.EmailAddresses...), c.Subject.CommonName)
	for _, n := range all {
		if n = normalName(n); n != "" {
			names = append(names, n)
		}
	}
	for i := 0; len(names) == 0 && i < len(c.IPAddresses); i++ {
		names = append(names, normalName(c.IPAddresses[i].String()))
	}
	if len(names) == 0 {
		sum := sha256.Sum256(c.Raw)
		names = append(names, "cert:"+hex.EncodeToString(sum[:8]))
	}
	return names
}

func normalNames(names []string) (normal []string) {
	for _, n := range names {
		normal = append(normal, normalName(n))
	}
	return normal
}

// normalName makes a certificate's name one word: printable, lower case, without the
// dot of the root, of bounded length. One that looks like an address or like another
// kind of sender gets the prefix cert:, so that it cannot pass for that.
func normalName(s string) string {
	s = strings.ToLower(strings.TrimSuffix(strings.TrimSpace(strings.ToValidUTF8(s, "_")), "."))
	s = strings.Map(func(r rune) rune {
		if !unicode.IsGraphic(r) || unicode.IsSpace(r) {
			return '_'
		}
		return r
	}, s)
	_, err := netip.ParseAddr(s)
	if err == nil || strings.HasPrefix(s, unixPeer) {
		s = "cert:" + s
	}
	for len(s) > maxName {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	return s
}
