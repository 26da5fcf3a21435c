package engine

import (
	"maps"
	"slices"
	"strings"
)

// readerTables are the table functions that compute their rows from nothing or
// from tables of the engine. A read-only account may call no other one.
var readerTables = words(`numbers numbers_mt zeros zeros_mt generateseries generate_series generaterandom primes
	values view null merge viewexplain viewifpermitted format fuzzquery`)

// readerNever are ordinary functions that reach out of the engine, or that take
// a table's name as text: the engine takes a name that it does not know for a
// path. Those that look up a dictionary even open the file without asking for a
// grant, and whoever comes next may read it ([Server.learn] adds them).
var readerNever = words(`file catboostevaluate hascolumnintable joinget joingetornull`)

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
		if _, err := s.normalize(sql); err != nil {
			return 0, err
		}
		return 0, exception(codeNotImplemented, "this kind of statement is not supported by the embedded engine")
	case a.class != classReadOnly && req.account.ReadOnly:
		return 0, exception(codeReadonly, "%s: Cannot execute query in readonly mode", req.account.Name)
	case a.class != classReadOnly && get:
		return 0, exception(codeReadonly, "Cannot execute query in readonly mode. For queries over HTTP, method GET implies readonly. You should use method POST for modifying queries")
	}
	if req.account.ReadOnly {
		return a.class, s.checkReader(req)
	}
	return a.class, nil
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
	s.never = maps.Clone(readerNever)
	err := list("SELECT lower(name) FROM system.functions WHERE lower(name) LIKE 'dict%' OR lower(name) LIKE 'ai%'", func(w string) { s.never[w] = true })
	if err != nil {
		return err
	}
	s.forbidden = slices.Sorted(maps.Keys(s.never))
	err = list("SELECT lower(name) FROM system.table_functions", func(w string) {
		if !readerTables[w] && !s.never[w] {
			s.forbidden = append(s.forbidden, w)
		}
	})
	if err != nil {
		return err
	}
	s.version, err = c.text("SELECT version()")
	return err
}
