package enrich

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/width"
)

// Bounds of an asset file.
const (
	MaxAssets    = 1 << 20
	maxAssetFile = 64 << 20
	maxErrors    = 100 // told at once; the rest is counted
)

// Columns of an asset file, and the headers by which they are known.
const (
	colAddress = iota
	colName
	colOwner
	colZone
	colSite
	colConfidentiality
	colIntegrity
	colAvailability
	columns
)

var columnNames = [columns]string{"address", "name", "owner", "zone", "site", "confidentiality", "integrity", "availability"}

var headers = map[string]int{
	"address": colAddress, "ip": colAddress, "アドレス": colAddress, "ipアドレス": colAddress,
	"name": colName, "名前": colName, "名称": colName, "資産名": colName, "ホスト名": colName,
	"owner": colOwner, "管理者": colOwner, "所有者": colOwner,
	"zone": colZone, "ゾーン": colZone, "系": colZone,
	"site": colSite, "設置場所": colSite, "拠点": colSite,
	"confidentiality": colConfidentiality, "機密性": colConfidentiality,
	"integrity": colIntegrity, "完全性": colIntegrity, "安全性": colIntegrity,
	"availability": colAvailability, "可用性": colAvailability,
}

var classes = map[string]uint8{
	"": 0, "0": 0, "-": 0, "1": 1, "2": 2, "3": 3, "低": 1, "中": 2, "高": 3, "low": 1, "medium": 2, "high": 3,
}

// ReadAssets reads an asset list: CSV in UTF-8 (with or without a byte order
// mark) or CP932, as Excel writes it, with one line of headers in English or
// Japanese, in any order; address and name must be there. Full-width letters and
// digits are taken for plain ones in all columns but the texts. Everything that
// is wrong is told at once, as path:line:col: field: found; would be right.
// col counts characters from 1.
func ReadAssets(path string, r io.Reader) ([]Asset, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxAssetFile+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if len(data) > maxAssetFile {
		return nil, fmt.Errorf("%s:1:1: file: more than 64 MiB; would be right: a list of assets", path)
	}
	text, ok := decode(data)
	if !ok {
		return nil, fmt.Errorf("%s:1:1: file: neither UTF-8 nor CP932 (Shift_JIS); would be right: saved by Excel as \"CSV UTF-8\" or \"CSV\"", path)
	}
	a := assetReader{path: path, lines: bytes.Split(text, []byte("\n")), seen: make(map[netip.Prefix]string)}
	a.csv = csv.NewReader(bytes.NewReader(text))
	a.csv.FieldsPerRecord, a.csv.ReuseRecord, a.csv.Comment = -1, true, '#'
	a.read()
	if len(a.errs) > 0 {
		return nil, errors.Join(a.errs...)
	}
	return a.assets, nil
}

// decode returns the text in UTF-8.
func decode(data []byte) ([]byte, bool) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if utf8.Valid(data) {
		return data, true
	}
	text, err := japanese.ShiftJIS.NewDecoder().Bytes(data)
	return text, err == nil && !bytes.ContainsRune(text, utf8.RuneError)
}

// assetReader gathers the rows and all errors.
type assetReader struct {
	path   string
	lines  [][]byte
	csv    *csv.Reader
	fields [columns]int // where each column is in a row; -1: not there
	width  int          // cells of the header
	seen   map[netip.Prefix]string
	assets []Asset
	errs   []error
	more   int // errors not told
}

func (a *assetReader) read() {
	row, ok := a.row()
	if !ok {
		if len(a.errs) == 0 {
			a.fail(1, 1, "file", "empty", "a line of headers: "+strings.Join(columnNames[:], ","))
		}
		return
	}
	if !a.header(row) {
		return
	}
	for {
		if row, ok = a.row(); !ok {
			break
		}
		if len(a.assets) >= MaxAssets {
			line, _ := a.csv.FieldPos(0)
			a.fail(line, 1, "file", "more assets", fmt.Sprintf("at most %d", MaxAssets))
			break
		}
		a.asset(row)
	}
	if a.more > 0 {
		a.errs = append(a.errs, fmt.Errorf("%s: %d more errors", a.path, a.more))
	}
}

// row returns the next row that is not empty; rows that are no CSV are told and
// passed over.
func (a *assetReader) row() ([]string, bool) {
	for {
		row, err := a.csv.Read()
		var bad *csv.ParseError
		switch {
		case err == io.EOF:
			return nil, false
		case errors.As(err, &bad):
			a.fail(bad.Line, bad.Column, "row", "a quote out of place", `"text" with quotes inside doubled ("")`)
			continue
		case err != nil:
			a.errs = append(a.errs, fmt.Errorf("read %s: %w", a.path, err))
			return nil, false
		}
		if strings.TrimSpace(strings.Join(row, "")) != "" {
			return row, true
		}
	}
}

// header finds the columns.
func (a *assetReader) header(row []string) bool {
	for i := range a.fields {
		a.fields[i] = -1
	}
	a.width = len(row)
	for i, cell := range row {
		name := plain(cell)
		col, ok := headers[name]
		switch {
		case name == "":
		case !ok:
			a.failCell(i, "header", quote(cell), "one of "+strings.Join(columnNames[:], ", "))
		case a.fields[col] >= 0:
			a.failCell(i, "header", quote(cell)+" once more", "each column once")
		default:
			a.fields[col] = i
		}
	}
	for _, col := range []int{colAddress, colName} {
		if a.fields[col] < 0 {
			line, _ := a.csv.FieldPos(0)
			a.fail(line, 1, "header", "no column "+columnNames[col], strings.Join(columnNames[:], ","))
		}
	}
	return len(a.errs) == 0
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
	line, _ := a.csv.FieldPos(at)
	a.failText(line, a.column(at), field, found, right)
}

// fail tells an error at a byte column.
func (a *assetReader) fail(line, col int, field, found, right string) {
	a.failText(line, a.runes(line, col), field, found, right)
}

func (a *assetReader) failText(line, col int, field, found, right string) {
	if len(a.errs) >= maxErrors {
		a.more++
		return
	}
	a.errs = append(a.errs, fmt.Errorf("%s:%d:%d: %s: %s; would be right: %s", a.path, line, col, field, found, right))
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
