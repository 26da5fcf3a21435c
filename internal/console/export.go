package console

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// export links to the result as CSV: the same question with the most rows, up to
// the time of the page.
func (v *searchView) export(now time.Time) string {
	q := v.values()
	q.Set("limit", strconv.Itoa(mostRows))
	if v.Until == "" {
		q.Set("until", now.UTC().Format(time.RFC3339))
	}
	if age, err := parseAge(v.Since); err == nil { // the page's range, not that of the click
		q.Set("since", now.Add(-age).UTC().Format(time.RFC3339))
	}
	return "/search.csv?" + q.Encode()
}

// export answers with CSV (RFC 4180) that spreadsheets open as text: a byte order
// mark for Japanese, and no cell that they would take for a formula. A result that
// breaks midway cuts the connection, so that the browser says so.
func (c *Console) export(w http.ResponseWriter, r *http.Request) {
	q, err := question(exportValues(r.URL.Query()), time.Now(), c.config.Zone)
	if err != nil {
		c.failedPage(w, r, err)
		return
	}
	c.audit(r, "export", q.Text)
	rows, done, err := c.ask(r.Context(), q)
	if err != nil {
		c.failedPage(w, r, err)
		return
	}
	defer done()
	more := rows.Next()
	if err := rows.Err(); err != nil && !more {
		c.failedPage(w, r, err)
		return
	}
	name := "yagura-" + time.Now().In(c.config.Zone).Format("20060102-150405") + ".csv"
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name))
	c.writeCSV(w, rows, more)
}

func exportValues(v url.Values) url.Values {
	v = cloneValues(v)
	if !v.Has("limit") {
		v.Set("limit", strconv.Itoa(mostRows))
	}
	return v
}

func (c *Console) writeCSV(w http.ResponseWriter, rows Rows, more bool) {
	out := newLines(w)
	_, _ = out.buf.WriteString("\ufeff") // the error stays in the buffer
	table := csv.NewWriter(out.buf)
	table.UseCRLF = true
	columns := rows.Columns()
	record := make([]string, len(columns))
	for i, col := range columns {
		record[i] = inert(col.Name)
	}
	_ = table.Write(record) // the error comes again below
	for ; more; more = rows.Next() {
		row, err := rows.Row()
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		for i, v := range row {
			record[i] = c.csvCell(columns[i], v)
		}
		if table.Write(record) != nil {
			return // the reader has left
		}
	}
	if rows.Err() != nil {
		panic(http.ErrAbortHandler)
	}
	table.Flush()
	out.end(nil)
}

// csvCell writes times by the console's clock and other values inert.
func (c *Console) csvCell(col Column, v any) string {
	if isTime(col) {
		if t := rowTime(v); !t.IsZero() {
			return t.In(c.config.Zone).Format("2006-01-02 15:04:05.000000")
		}
	}
	s := plainText(v)
	if isNumber(col) {
		return s
	}
	return inert(s)
}

// inert keeps a spreadsheet from taking text for a formula (OWASP, CSV injection)
// and shows treacherous characters as code points.
func inert(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r＝＋－＠", []rune(s)[0]) {
		s = "'" + s
	}
	return spelled(s)
}
