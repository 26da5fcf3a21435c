package config

import (
	"fmt"
	"net/netip"
	"reflect"
	"strings"
)

// Match says which senders are meant: those of a network, or those that are known
// by a name (of their token, certificate or agent).
type Match struct {
	Network netip.Prefix // invalid: by name
	Name    string       // a * at the end stands for any end
}

// UnmarshalText reads an address, a network or a name.
func (m *Match) UnmarshalText(text []byte) error {
	s := string(text)
	var p netip.Prefix
	if err := setPrefix(reflect.ValueOf(&p).Elem(), s); err == nil {
		*m = Match{Network: p}
		return nil
	}
	if strings.Trim(s, "0123456789.:/") == "" || strings.Count(s, ":") > 1 && strings.Trim(s, "0123456789abcdefABCDEF.:/") == "" {
		return fmt.Errorf("want an address or a network such as 192.0.2.0/24")
	}
	if i := strings.IndexByte(s, '*'); i >= 0 && i < len(s)-1 || s == "*" || len(s) > 256 {
		return fmt.Errorf("want an address, a network, or a name; a * may end it")
	}
	*m = Match{Name: s}
	return nil
}

// String is what UnmarshalText reads.
func (m Match) String() string {
	switch {
	case !m.Network.IsValid():
		return m.Name
	case m.Network.IsSingleIP():
		return m.Network.Addr().String()
	}
	return m.Network.String()
}

// Of tells whether the sender is meant; addr is peer when it is an address, else
// invalid.
func (m Match) Of(peer string, addr netip.Addr) bool {
	if m.Network.IsValid() {
		return addr.IsValid() && m.Network.Contains(addr.Unmap())
	}
	if stem, open := strings.CutSuffix(m.Name, "*"); open {
		return strings.HasPrefix(peer, stem) && !addr.IsValid()
	}
	return peer == m.Name
}

// Closer orders matches: what says more of a sender speaks first.
func (m Match) Closer(o Match) int { return o.narrow() - m.narrow() }

// narrow is how much a match says: bits of a network, or characters of a name.
func (m Match) narrow() int {
	if m.Network.IsValid() {
		if m.Network.Addr().Is4() {
			return 96 + m.Network.Bits()
		}
		return m.Network.Bits()
	}
	if strings.HasSuffix(m.Name, "*") {
		return len(m.Name) - 1
	}
	return 1 << 10
}

// SourceOf is what the configuration says of a sender: of several that match, the
// one that says most of it. Nil: nothing.
func (c *Config) SourceOf(peer string) (found *Source) {
	addr, _ := netip.ParseAddr(peer) // invalid: a name
	for i := range c.Sources {
		s := &c.Sources[i]
		if s.Match.Of(peer, addr) && (found == nil || s.Match.Closer(found.Match) < 0) {
			found = s
		}
	}
	return found
}
