package cli

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// rowPrinter prints JSON rows in one of the formats.
type rowPrinter interface {
	row(line []byte) error
	end() error
}

func newRowPrinter(format string, w io.Writer, columns string) (rowPrinter, error) {
	var names []string
	if columns != "" {
		if err := json.Unmarshal([]byte(columns), &names); err != nil {
			return nil, fmt.Errorf("read the columns: %w", err)
		}
	}
	switch format {
	case "csv":
		p := &csvPrinter{w: csv.NewWriter(w), names: names}
		if len(names) == 0 {
			return p, nil
		}
		return p, p.w.Write(names)
	case "table":
		return &tablePrinter{w: w, names: names}, nil
	}
	return jsonPrinter{w}, nil
}

type jsonPrinter struct{ w io.Writer }

func (p jsonPrinter) row(line []byte) error {
	_, err := fmt.Fprintf(p.w, "%s\n", line)
	return err
}
func (jsonPrinter) end() error { return nil }

// cells returns the row's values as text, in the order of the columns.
func cells(line []byte, names []string) ([]string, error) {
	var row map[string]json.RawMessage
	if err := json.Unmarshal(line, &row); err != nil {
		return nil, fmt.Errorf("read a row: %w", err)
	}
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = cellText(row[n])
	}
	return out, nil
}

func cellText(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	if bytes.Equal(raw, []byte("null")) {
		return ""
	}
	return string(raw)
}

type csvPrinter struct {
	w     *csv.Writer
	names []string
}

func (p *csvPrinter) row(line []byte) error {
	row, err := cells(line, p.names)
	if err != nil {
		return err
	}
	for i := range row {
		row[i] = inertCell(row[i])
	}
	return p.w.Write(row)
}

func (p *csvPrinter) end() error {
	p.w.Flush()
	return p.w.Error()
}

// inertCell keeps a spreadsheet from running a cell as a formula (CSV injection,
// OWASP): such a cell gets an apostrophe in front. A plain number is none.
func inertCell(s string) string {
	if s == "" || strings.Trim(s, "0123456789.") == "" || s[0] == '-' && strings.Trim(s[1:], "0123456789.") == "" && len(s) > 1 {
		return s
	}
	if strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// Bounds of a table: rows that are measured for the widths, and a cell's width.
const (
	tableRows = 200
	tableCell = 60
)

// tablePrinter aligns columns for people; the widths come from the first rows.
type tablePrinter struct {
	w      io.Writer
	names  []string
	held   [][]string
	widths []int
	count  int
}

func (p *tablePrinter) row(line []byte) error {
	row, err := cells(line, p.names)
	if err != nil {
		return err
	}
	p.count++
	for i := range row {
		row[i] = printable(row[i])
	}
	if p.widths != nil {
		return p.print(row)
	}
	p.held = append(p.held, row)
	if len(p.held) < tableRows {
		return nil
	}
	return p.flush()
}

func (p *tablePrinter) flush() error {
	p.widths = make([]int, len(p.names))
	all := append([][]string{p.names}, p.held...)
	for _, row := range all {
		for i, c := range row {
			p.widths[i] = min(max(p.widths[i], columnsOf(c)), tableCell)
		}
	}
	for _, row := range all {
		if err := p.print(row); err != nil {
			return err
		}
	}
	p.held = nil
	return nil
}

func (p *tablePrinter) print(row []string) error {
	var b strings.Builder
	for i, c := range row {
		if i > 0 {
			b.WriteString("  ")
		}
		last := i == len(row)-1
		if !last {
			c = cut(c, p.widths[i])
		}
		b.WriteString(c)
		if !last {
			b.WriteString(strings.Repeat(" ", max(0, p.widths[i]-columnsOf(c))))
		}
	}
	_, err := fmt.Fprintln(p.w, b.String())
	return err
}

func (p *tablePrinter) end() error {
	if p.widths == nil && len(p.names) > 0 {
		return p.flush()
	}
	return nil
}

// printable escapes what a terminal would act upon: C0, C1, ESC, and characters
// that turn the reading direction.
func printable(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			b.WriteByte(' ')
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r):
			fmt.Fprintf(&b, "\\u%04x", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// columnsOf is the width on a terminal: East Asian wide characters take two.
func columnsOf(s string) (n int) {
	for _, r := range s {
		n += runeColumns(r)
	}
	return n
}

func runeColumns(r rune) int {
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

func cut(s string, columns int) string {
	n := 0
	for i, r := range s {
		if n += runeColumns(r); n > columns {
			return strings.TrimRight(s[:i], " ")
		}
	}
	return s
}
