package enrich

import (
	"fmt"
	"net/netip"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// classes are the words for confidentiality, integrity and availability.
var classes = map[string]uint8{
	"": 0, "0": 0, "-": 0, "1": 1, "2": 2, "3": 3, "低": 1, "中": 2, "高": 3, "low": 1, "medium": 2, "high": 3,
}

// asset reads one row.
func (a *assetReader) asset(row []string) {
	line, _ := a.csv.FieldPos(0)
	as := Asset{source: fmt.Sprintf("%s:%d", a.path, line)}
	before := len(a.errs) + a.more
	for i := a.width; i < len(row); i++ {
		if row[i] != "" {
			a.failCell(i, "row", "a cell without a header: "+quote(row[i]), `a comma inside a text needs quotes: "a, b"`)
			break
		}
	}
	for col, i := range a.fields {
		cell := ""
		if i >= 0 && i < len(row) {
			cell = row[i]
		}
		a.cell(&as, col, min(max(i, 0), len(row)-1), cell)
	}
	if len(a.errs)+a.more == before {
		a.assets = append(a.assets, as)
	}
}

// cell reads one cell into the asset; at is its place in the row.
func (a *assetReader) cell(as *Asset, col, at int, cell string) {
	text := strings.TrimSpace(cell)
	switch col {
	case colAddress:
		a.address(as, at, cell)
	case colName:
		if as.Name = text; text == "" {
			a.failCell(at, "name", "empty", "a name for people and alerts")
		}
	case colOwner:
		as.Owner = text
	case colZone:
		as.Zone, as.column = strings.TrimSpace(width.Fold.String(cell)), a.column(at)
	case colSite:
		as.Site = text
	default:
		class, ok := classes[plain(cell)]
		if !ok {
			a.failCell(at, columnNames[col], quote(cell), "1, 2 or 3 (3 is the highest), or empty")
		}
		*[...]*uint8{&as.Confidentiality, &as.Integrity, &as.Availability}[col-colConfidentiality] = class
	}
}

func (a *assetReader) address(as *Asset, at int, cell string) {
	text := plain(cell)
	prefix, err := netip.ParsePrefix(text)
	if addr, errAddr := netip.ParseAddr(text); errAddr == nil {
		addr = addr.Unmap().WithZone("")
		prefix, err = netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	if err != nil {
		a.failCell(at, "address", quote(cell), "an address (192.0.2.10) or a network (192.0.2.0/24)")
		return
	}
	if masked := prefix.Masked(); masked != prefix {
		a.failCell(at, "address", quote(cell), fmt.Sprintf("the network %v or the address %v", masked, prefix.Addr()))
		return
	}
	if other, double := a.seen[prefix]; double {
		a.failCell(at, "address", quote(cell)+", already at "+other, "each address once")
		return
	}
	a.seen[prefix] = as.source
	as.Address = prefix
}

// plain folds full-width and case and trims: for what is read by machine.
func plain(cell string) string {
	return strings.ToLower(strings.TrimSpace(width.Fold.String(cell)))
}

// quote shows a cell, cut to a length that fits a line.
func quote(cell string) string {
	if r := []rune(cell); len(r) > 60 {
		cell = string(r[:60]) + "…"
	}
	return fmt.Sprintf("%q", cell)
}

func (a *assetReader) failCell(at int, field, found, right string) {
	line, col := a.csv.FieldPos(at)
	a.fail(line, col, field, found, right)
}

// fail tells an error at a byte column.
func (a *assetReader) fail(line, col int, field, found, right string) {
	if len(a.errs) >= maxErrors {
		a.more++
		return
	}
	a.errs = append(a.errs, fmt.Errorf("%s:%d:%d: %s: %s; would be right: %s", a.path, line, a.runes(line, col), field, found, right))
}

// column is the column of a cell of the row, in characters.
func (a *assetReader) column(at int) int { return a.runes(a.csv.FieldPos(at)) }

// runes turns a byte column into characters.
func (a *assetReader) runes(line, col int) int {
	if line < 1 || line > len(a.lines) {
		return col
	}
	text := a.lines[line-1]
	return utf8.RuneCount(text[:min(max(col-1, 0), len(text))]) + 1
}
