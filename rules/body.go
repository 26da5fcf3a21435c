package rules

import "net/netip"

// TestZones returns the networks, by zone id, that the rules' own tests are written
// for: an internet-connected zone and a My Number zone with nothing sanctioned between
// them. Tests are read with these, whatever zones an installation has: a rule must
// not fail its tests because the body's addresses are others.
func TestZones() map[string]netip.Prefix {
	return map[string]netip.Prefix{
		"internet": netip.MustParsePrefix("10.1.0.0/16"),
		"mynumber": netip.MustParsePrefix("10.2.0.0/16"),
	}
}
