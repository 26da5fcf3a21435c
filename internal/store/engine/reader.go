package engine

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// checkReader refuses what leaves the engine, before the engine looks at it. It
// refuses most by itself (grants, readonly = 1), but some only after a first look
// at a file or a network, and the function file not at all.
func (s *Server) checkReader(req *request) error {
	if err := s.checkStatement(req.shape.sql); err != nil {
		return err
	}
	if strings.Contains(strings.ToLower(req.shape.sql), "identifier") { // {name:Identifier}
		for _, p := range req.params {
			if pathLike(p.value) || s.never[strings.ToLower(p.value)] || strings.Contains(p.value, `\`) {
				return exception(codeReadonly, "the parameter %s is no name for a read-only account", printable(p.name))
			}
		}
	}
	for _, set := range req.settings {
		if set.name == "additional_table_filters" {
			if err := s.checkFilters(set.value); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkStatement checks the words of one statement. The cheap search comes
// first; only where something catches the eye does the engine itself write the
// statement out without comments and escapes.
func (s *Server) checkStatement(sql string) error {
	if !s.suspicious(sql) {
		return nil
	}
	plain, err := s.normalize(sql)
	if err != nil {
		return err
	}
	for _, text := range []string{sql, plain} {
		if nestedSettings(text) {
			return exception(codeReadonly, "Cannot modify settings of a subquery in readonly mode")
		}
		if err := s.checkNames(text); err != nil {
			return err
		}
	}
	return nil
}

// suspicious errs towards true: the engine takes blanks, quotes and comments of
// Unicode that the scanner does not know, so words count wherever they stand.
func (s *Server) suspicious(sql string) bool {
	lower := strings.ToLower(sql)
	has := func(w string) bool { return strings.Contains(lower, w) }
	if slices.ContainsFunc([]string{`\`, "exists", "show", "settings"}, has) || slices.ContainsFunc(s.forbidden, has) {
		return true
	}
	return slices.ContainsFunc(tokens(sql), func(t token) bool {
		switch t.kind {
		case bare:
			return strings.ContainsFunc(t.text, func(r rune) bool { return r >= utf8.RuneSelf })
		case quoted, str:
			return pathLike(strings.Trim(t.text, "'"))
		}
		return false
	})
}

// checkNames refuses forbidden functions, called or passed by their name
// (arrayMap(f, …), APPLY f), and names that are paths.
func (s *Server) checkNames(sql string) error {
	all := tokens(sql)
	asks := len(all) > 0 && (all[0].is("EXISTS") || all[0].is("SHOW")) // would say whether such a file exists
	for i, t := range all {
		if t.kind == quoted && (pathLike(t.text) || asks && strings.ContainsAny(t.text, "/.")) {
			return exception(codeReadonly, "names with a path are not allowed for a read-only account")
		}
		if t.kind != bare && t.kind != quoted {
			continue
		}
		name, next := strings.ToLower(t.text), tokenAt(all, i+1)
		last := tokenAt(all, i-1)
		column := last.is("AS") || last.punct(".") || next.punct(".")
		if next.punct("(") && slices.Contains(s.forbidden, name) || s.never[name] && !column {
			return exception(codeReadonly, "function %s is not allowed for a read-only account", name)
		}
	}
	return nil
}

// pathLike tells whether the engine could take a name for a path out of its
// working folder, which is empty: it begins with /, also behind a brace or comma
// of a pattern, or climbs. "events/s" is none.
func pathLike(name string) bool {
	for i := range len(name) {
		if name[i] == '/' && (i == 0 || name[i-1] != ' ' && !wordByte(name[i-1])) {
			return true
		}
	}
	return strings.Contains(name, "..")
}

// checkFilters checks the conditions in additional_table_filters, which is
// {'table': 'condition', …}: Grafana sends its ad-hoc filters so.
func (s *Server) checkFilters(value string) error {
	if err := s.checkNames(value); err != nil {
		return err
	}
	for _, t := range tokens(value) {
		if t.kind != str {
			continue
		}
		plain := strings.NewReplacer(`\\`, "", `\'`, "").Replace(t.text)
		if !strings.HasPrefix(t.text, "'") || strings.Contains(plain, `\`) {
			return exception(codeReadonly, `additional_table_filters: want '…' with \' and \\ as its only escapes for a read-only account`)
		}
		if err := s.checkStatement("SELECT (" + (&scanner{src: t.text}).quote('\'') + "\n)"); err != nil {
			return err
		}
	}
	return nil
}

// nestedSettings tells whether a subquery sets settings of its own; the engine
// takes them there even in readonly mode.
func nestedSettings(sql string) bool {
	sc := scanner{src: sql}
	for {
		t, ok := sc.next()
		if !ok {
			return false
		}
		if t.depth == 0 || !t.is("SETTINGS") {
			continue
		}
		mark := sc
		name, _ := sc.next()
		if eq, _ := sc.next(); name.kind != punct && name.kind != str && eq.punct("=") {
			return true
		}
		sc = mark
	}
}

// normalize has the engine write a statement in its own plain form; a statement
// that does not parse gives the engine's own syntax error. It is not the reader's
// connection that is asked: its settings (an offset, a filter on system.one) could
// take the answer away.
func (s *Server) normalize(sql string) (string, error) {
	s.adminMu.Lock()
	defer s.adminMu.Unlock()
	var out string
	_, err := s.admin.query(statement{
		sql: "SELECT formatQuerySingleLine({q:String})", format: "RawBLOB",
		params: []param{{"q", escapeParam(sql)}},
	}, func(b []byte) error {
		out = string(b)
		return nil
	})
	if err == nil && out == "" {
		err = exception(codeSyntax, "Empty query")
	}
	return out, withoutScope(err)
}
