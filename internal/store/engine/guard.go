package engine

import (
	"slices"
	"strings"
)

// readerTables are the table functions that compute their rows from nothing or
// from tables of the engine. A read-only account may call no other one.
var readerTables = words(`numbers numbers_mt zeros zeros_mt generateseries generate_series generaterandom primes
	values view null merge mergetreeindex mergetreeprojection viewexplain viewifpermitted format
	timeseriesdata timeseriesmetrics timeseriestags timeseriesselector fuzzquery`)

// readerNever are ordinary functions that reach out of the engine.
var readerNever = words(`file catboostevaluate`)

// check decides whether the account may run the statement, by the class that
// the engine's own parser gives it. It returns that class.
func (s *Server) check(c *conn, req *request, get bool) (class uint32, err error) {
	if req.shape.fileClause != "" {
		return 0, exception(codeReadonly, "%s is not allowed over HTTP", req.shape.fileClause)
	}
	sql := req.shape.sql
	a := c.classify(sql)
	if req.shape.insert {
		a.class, a.statements = 1, 1 // its rows are not part of sql
	}
	switch {
	case a.statements > 1:
		return 0, exception(codeSyntax, "Syntax error (Multi-statements are not allowed)")
	case a.class == classUnknown:
		// What does not parse is not run: the engine's client would take lines
		// such as "\i file" and "exit" for commands of its own.
		if _, err := s.normalize(c, sql); err != nil {
			return 0, err
		}
		return 0, exception(codeNotImplemented, "this kind of statement is not supported by the embedded engine")
	case a.class != classReadOnly && req.account.ReadOnly:
		return 0, exception(codeReadonly, "%s: Cannot execute query in readonly mode", req.account.Name)
	case a.class != classReadOnly && get:
		return 0, exception(codeReadonly, "Cannot execute query in readonly mode. For queries over HTTP, method GET implies readonly. You should use method POST for modifying queries")
	}
	if req.account.ReadOnly {
		if nestedSettings(sql) {
			return 0, exception(codeReadonly, "%s: Cannot modify settings of a subquery in readonly mode", req.account.Name)
		}
		return a.class, s.checkReader(c, sql)
	}
	return a.class, nil
}

// checkReader refuses calls that leave the engine, before it looks at them: it
// refuses most by itself (grants, readonly = 1), but some only after a first
// look at a file or a network, and file('x') not at all. The cheap search comes
// first; only where a forbidden word or an escape occurs does the engine itself
// write the statement out without comments and escapes.
func (s *Server) checkReader(c *conn, sql string) error {
	lower := strings.ToLower(sql)
	if !strings.Contains(lower, `\`) && !slices.ContainsFunc(s.forbidden, func(w string) bool { return strings.Contains(lower, w) }) &&
		!strings.Contains(lower, "exists") && !strings.Contains(lower, "show") {
		return nil
	}
	plain, err := s.normalize(c, sql)
	if err != nil {
		return err
	}
	for _, text := range []string{sql, plain} {
		for _, f := range calls(text) {
			if slices.Contains(s.forbidden, f) {
				return exception(codeReadonly, "function %s is not allowed for a read-only account", f)
			}
		}
	}
	return checkPaths(plain)
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

// checkPaths refuses EXISTS and SHOW of a name that is a path: the engine's
// default database would say whether such a file exists.
func checkPaths(sql string) error {
	sc := scanner{src: sql}
	first, _ := sc.next()
	if !first.is("EXISTS") && !first.is("SHOW") {
		return nil
	}
	for {
		t, ok := sc.next()
		if !ok {
			return nil
		}
		if t.kind == quoted && strings.ContainsAny(t.text, "/.") {
			return exception(codeReadonly, "names with a path are not allowed for a read-only account")
		}
	}
}

// normalize has the engine write a statement in its own plain form; a statement
// that does not parse gives the engine's own syntax error.
func (s *Server) normalize(c *conn, sql string) (string, error) {
	var out string
	_, err := c.query(statement{
		sql: "SELECT formatQuerySingleLine({q:String})", format: "RawBLOB",
		params: []param{{"q", escapeParam(sql)}},
	}, func(b []byte) error {
		out = string(b)
		return nil
	})
	return out, err
}

// learn asks the engine for its settings and table functions.
func (s *Server) learn(c *conn) error {
	s.settings = map[string]bool{}
	list := func(sql string, each func(string)) error {
		text, err := c.text(sql)
		for _, w := range strings.Fields(text) {
			each(w)
		}
		return err
	}
	if err := list("SELECT name FROM system.settings", func(w string) { s.settings[w] = true }); err != nil {
		return err
	}
	for w := range readerNever {
		s.forbidden = append(s.forbidden, w)
	}
	err := list("SELECT lower(name) FROM system.table_functions", func(w string) {
		if !readerTables[w] && !slices.Contains(s.forbidden, w) {
			s.forbidden = append(s.forbidden, w)
		}
	})
	if err != nil {
		return err
	}
	s.version, err = c.text("SELECT version()")
	return err
}
