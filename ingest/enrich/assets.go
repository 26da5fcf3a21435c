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
