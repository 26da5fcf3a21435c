// Package schema holds the statements that make yagura's tables, in the order in
// which they are to be run, and turns them into their replicated form.
//
// A file is NNNN_name.sql and holds one statement that may be run twice. Files
// are never changed once they were released: a change is a new file, which adds
// (ADD COLUMN, ADD INDEX) before a later one removes.
package schema

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strconv"
	"strings"
)

//go:embed *.sql index/*.sql
var files embed.FS

// Statement is one numbered statement.
type Statement struct {
	Number uint32 // 0 is the table of migrations itself
	Name   string // "events"
	SQL    string
}

// Statements returns all statements, lowest number first. With cluster set they
// are the replicated form, run on that cluster.
func Statements(cluster string) ([]Statement, error) {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return nil, fmt.Errorf("list schema: %w", err)
	}
	var list []Statement
	for _, e := range entries {
		number, name, ok := strings.Cut(strings.TrimSuffix(e.Name(), ".sql"), "_")
		if e.IsDir() || !ok {
			continue
		}
		n, err := strconv.ParseUint(number, 10, 32)
		if err != nil || int(n) != len(list) {
			return nil, fmt.Errorf("schema file %s: its number should be %04d", e.Name(), len(list))
		}
		text, err := files.ReadFile(e.Name())
		if err != nil {
			return nil, fmt.Errorf("read schema: %w", err)
		}
		list = append(list, Statement{uint32(n), name, replicated(string(text), cluster)})
	}
	return list, nil
}

// Index returns the statement that gives events the search index of that kind:
// text, bloom or none.
func Index(kind, cluster string) (string, error) {
	text, err := files.ReadFile(path.Join("index", kind+".sql"))
	if err != nil {
		return "", fmt.Errorf("search index %q: text, bloom or none", kind)
	}
	return replicated(string(text), cluster), nil
}

var (
	engine = regexp.MustCompile(`(?m)^ENGINE = (\w*MergeTree)(?:\((\w+)\))?`)
	object = regexp.MustCompile(`(?m)^((?:CREATE (?:TABLE|VIEW|MATERIALIZED VIEW) IF NOT EXISTS|ALTER TABLE) \w+)`)
)

// replicated adds ON CLUSTER and the replicated engine; the macros are the
// server's own.
func replicated(sql, cluster string) string {
	if cluster == "" {
		return sql
	}
	sql = object.ReplaceAllString(sql, "${1} ON CLUSTER `"+strings.ReplaceAll(cluster, "`", "")+"`")
	return engine.ReplaceAllStringFunc(sql, func(s string) string {
		m := engine.FindStringSubmatch(s)
		args := "'/clickhouse/tables/{shard}/{database}/{table}', '{replica}'"
		if m[2] != "" {
			args += ", " + m[2]
		}
		return "ENGINE = Replicated" + m[1] + "(" + args + ")"
	})
}
