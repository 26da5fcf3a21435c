package engine

import "strings"

// shape is what the gateway must know of a statement before the engine sees it.
type shape struct {
	insert     bool   // INSERT whose rows follow as data
	sql        string // statement without data, without the FORMAT words of an INSERT
	format     string // format named in the statement; "" = none
	dataAt     int    // where the rows of an INSERT begin in the text
	settings   span   // the statement's own outermost SETTINGS clause
	fileClause string // "INTO OUTFILE" or "FROM INFILE" when the statement has it
}

// span is a SETTINGS clause: keyword from start, first setting at body, up to end.
type span struct{ start, body, end int }

func (s span) found() bool { return s.end > 0 }

// read takes the shape of text, which may go on in the data of an INSERT. It
// follows ClickHouse's ParserInsertQuery and ParserQueryWithOutput as far as the
// words FORMAT, VALUES, SETTINGS and INTO OUTFILE at the outermost level.
func read(text string) shape {
	sh := shape{sql: text}
	sc := scanner{src: text}
	first, ok := sc.next()
	if !ok {
		return sh
	}
	isInsert := first.is("INSERT")
	query := false // past the SELECT of an INSERT … SELECT
	last := first
	for {
		t, ok := sc.next()
		if !ok {
			break
		}
		if t.depth > 0 {
			last = t
			continue
		}
		if t.kind == bare && sh.settings.found() && sh.settings.end == len(text) && closesSettings(t) {
			sh.settings.end = t.start
		}
		switch {
		case t.is("OUTFILE") && last.is("INTO"), t.is("INFILE") && last.is("FROM"):
			sh.fileClause = strings.ToUpper(last.text + " " + t.text)
		case isInsert && !query && (t.is("SELECT") || t.is("WITH")):
			query = true
		case isInsert && !query && t.is("VALUES") && !last.punct("."):
			return sh.withData(text, "Values", t.start, t.end)
		case t.is("FORMAT") && !last.punct("."):
			mark := sc
			name, ok := sc.next()
			if !ok || name.kind != bare {
				sc = mark
				break
			}
			if isInsert && !query {
				return sh.withData(text, name.text, t.start, name.end)
			}
			sh.format = name.text
			t = name
		case t.is("SETTINGS") && !last.punct(".") && !last.punct(","):
			sh.settings = span{t.start, t.end, len(text)}
		case t.punct(";") && sh.settings.found() && sh.settings.end == len(text):
			sh.settings.end = t.start
		}
		last = t
	}
	return sh
}

func closesSettings(t token) bool {
	return t.is("FORMAT") || t.is("VALUES") || t.is("SELECT") || t.is("INTO") || t.is("UNION") || t.is("EXCEPT") || t.is("INTERSECT")
}

// withData ends the statement before its FORMAT or VALUES word. The rows begin
// after the word, blanks of that line and one line end.
func (sh shape) withData(text, format string, end, at int) shape {
	for at < len(text) && strings.IndexByte(" \t\f", text[at]) >= 0 {
		at++
	}
	at += len(text[at:]) - len(strings.TrimPrefix(strings.TrimPrefix(text[at:], "\r"), "\n"))
	sh.insert, sh.sql, sh.format, sh.dataAt = true, text[:end], format, at
	return sh
}

// withSettings adds settings to an INSERT; its own clause goes last and wins.
func (sh shape) withSettings(set []setting) string {
	if len(set) == 0 {
		return sh.sql
	}
	parts := make([]string, len(set))
	for i, s := range set {
		parts[i] = s.name + " = " + quoteString(s.value)
	}
	list := strings.Join(parts, ", ")
	if sh.settings.found() {
		return sh.sql[:sh.settings.body] + " " + list + "," + sh.sql[sh.settings.body:]
	}
	return sh.sql + " SETTINGS " + list
}

// takeSettings cuts the outermost SETTINGS clause out of a statement and returns
// its settings. Read-only sessions refuse the clause, Grafana's ad-hoc filters
// are sent in it, so it travels as settings of the connection instead.
func (sh *shape) takeSettings() []setting {
	if !sh.settings.found() {
		return nil
	}
	clause := sh.sql[sh.settings.body:sh.settings.end]
	var out []setting
	sc := scanner{src: clause}
	for {
		name, ok1 := sc.next()
		eq, ok2 := sc.next()
		if !ok1 || !ok2 || name.kind == punct || name.kind == str || !eq.punct("=") {
			return nil // not a list of settings: leave it to the engine
		}
		from, to, one := sc.pos, len(clause), token{}
		n, more := 0, false
		for {
			t, ok := sc.next()
			if !ok {
				break
			}
			if t.depth == 0 && t.punct(",") {
				to, more = t.start, true
				break
			}
			one, n = t, n+1
		}
		value := strings.TrimSpace(clause[from:to])
		if n == 1 && one.kind == str {
			value = (&scanner{src: value}).quote('\'')
		}
		out = append(out, setting{strings.ToLower(name.text), value})
		if !more {
			break
		}
	}
	sh.sql = sh.sql[:sh.settings.start] + " " + sh.sql[sh.settings.end:]
	sh.settings = span{}
	return out
}

// quoteString writes s as a string literal.
func quoteString(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

// quoteName writes s as an identifier.
func quoteName(s string) string {
	return "`" + strings.NewReplacer(`\`, `\\`, "`", "\\`").Replace(s) + "`"
}

// escapeParam writes s in the text form that parameter values have.
func escapeParam(s string) string {
	return strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`, "\x00", `\0`).Replace(s)
}
