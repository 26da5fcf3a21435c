// Package test holds the stories that cross rooms: end to end, faults, layout.
package test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// may says which of the project's packages a room may import (design.md, section
// 2). A room is the longest prefix that fits.
var may = map[string][]string{
	"internal/event":   {},
	"internal/bus":     {"internal/event"},
	"internal/agent":   {},
	"internal/alert":   {"internal/event"},
	"internal/store":   {"internal/event", "internal/store"},
	"internal/console": {"internal/event", "internal/console"},
	"ingest":           {"internal/event", "ingest"},
	"ingest/agent":     {"internal/event"},
	"detect":           {"internal/event", "detect"},
	"rules":            {},
	"dashboards":       {"dashboards"},
	"deploy":           {},
	"cmd":              {""},
	"test":             {""},
}

func room(path string) string {
	best := ""
	for prefix := range may {
		if (path == prefix || strings.HasPrefix(path, prefix+"/")) && len(prefix) > len(best) {
			best = prefix
		}
	}
	return best
}

func TestRoomsImportOnlyWhatTheyMay(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "yagura/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		words := strings.Fields(line)
		from := strings.TrimPrefix(words[0], "yagura/")
		r := room(from)
		if r == "" {
			t.Errorf("%s is in no room of design.md", from)
			continue
		}
		for _, imp := range words[1:] {
			to, own := strings.CutPrefix(imp, "yagura/")
			if own && !allowed(may[r], to) {
				t.Errorf("%s imports %s: the room %s may import %q only", from, to, r, may[r])
			}
		}
	}
}

func allowed(prefixes []string, to string) bool {
	for _, p := range prefixes {
		if p == "" || to == p || strings.HasPrefix(to, p+"/") {
			return true
		}
	}
	return false
}

// outside names the one room that may import each outside system.
var outside = map[string]string{
	"github.com/nats-io/":            "internal/bus",
	"github.com/ClickHouse/":         "internal/store",
	"github.com/wneessen/go-mail":    "internal/alert",
	"github.com/grafana/":            "dashboards",
	"github.com/ebitengine/purego":   "internal/store/engine",
	"github.com/influxdata/":         "ingest/parse",
	"github.com/prometheus/":         "internal/console",
	"github.com/elastic/":            "test",
	"github.com/testcontainers/":     "test",
	"github.com/chromedp/":           "test",
	"github.com/klauspost/compress/": "",
}

func TestEachOutsideSystemHasOneRoom(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "yagura/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		words := strings.Fields(line)
		from := strings.TrimPrefix(words[0], "yagura/")
		for _, imp := range words[1:] {
			for system, room := range outside {
				if strings.HasPrefix(imp, system) && room != "" && from != room && !strings.HasPrefix(from, room+"/") && !strings.HasPrefix(from, "test") {
					t.Errorf("%s imports %s: only %s may", from, imp, room)
				}
			}
		}
	}
}

func TestTheTopLevelIsTheUsers(t *testing.T) {
	want := map[string]bool{}
	for _, name := range strings.Fields(`cmd ingest detect rules dashboards deploy test internal .ci .git .gitignore
		go.mod go.sum compose.yaml Makefile README.md README.ja.md ARCHITECTURE.md CHANGELOG.md CONTRIBUTING.md LICENSE bin var dist`) {
		want[name] = true
	}
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !want[e.Name()] {
			t.Errorf("%s stands at the top: it belongs in a room", e.Name())
		}
	}
}
