package dashboards

import (
	"embed"
	"fmt"
	"strings"
)

//go:embed sql
var statements embed.FS

// statement returns the query of that name ("outbound/top_sources"), without its
// comment lines.
func statement(name string) (string, error) {
	text, err := statements.ReadFile("sql/" + name + ".sql")
	if err != nil {
		return "", fmt.Errorf("query %s: %w", name, err)
	}
	var lines []string
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		if !strings.HasPrefix(line, "--") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n"), nil
}
