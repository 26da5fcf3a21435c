package store

import "embed"

// The writer's own questions, one a file.
//
//go:embed statements/*.sql statements/reconcile/*.sql
var statementFiles embed.FS

// statement returns an embedded statement; the names are constants, which a test
// checks.
func statement(name string) string {
	text, err := statementFiles.ReadFile("statements/" + name + ".sql")
	if err != nil {
		panic("store: no statement " + name)
	}
	return string(text)
}
