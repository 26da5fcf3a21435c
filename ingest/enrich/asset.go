package enrich

import (
	"fmt"
	"net/netip"
)

// Asset is a row of the asset list (policy 4 and 6-2).
type Asset struct {
	Address netip.Prefix // one address, or a network
	Name    string
	Owner   string // who answers for it
	Zone    string // zone id; "": the zone around the address
	Site    string // 本庁, 出先機関

	Confidentiality, Integrity, Availability uint8 // 1 to 3, 3 the highest; 0: not classified

	class  string // as in yagura.asset.class; "" is not classified
	source string // file and line, for errors
	column int    // of the zone
}

// where names the row, for errors: file:line:col, or the index.
func (a *Asset) where(field string, i int) string {
	if a.source == "" {
		return fmt.Sprintf("assets[%d]", i)
	}
	if field == "zone" {
		return fmt.Sprintf("%s:%d", a.source, a.column)
	}
	return a.source
}

// weight orders assets: the highest class first, then the sum.
func (a *Asset) weight() int {
	c, i, v := int(a.Confidentiality), int(a.Integrity), int(a.Availability)
	return 16*max(c, i, v) + c + i + v
}

func classText(a *Asset) string {
	if a.weight() == 0 {
		return ""
	}
	return fmt.Sprintf("C%dI%dA%d", a.Confidentiality, a.Integrity, a.Availability)
}
