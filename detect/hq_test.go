package detect

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"yagura/internal/event"
)

// hqSources are the rule folders of a checkout of the public rules, which the
// variable SIGMAHQ names; the test is skipped without one.
func hqSources(t testing.TB) (dir string, sources []Source) {
	t.Helper()
	dir = os.Getenv("SIGMAHQ")
	folders, _ := filepath.Glob(filepath.Join(dir, "rules*"))
	if dir == "" || len(folders) == 0 {
		t.Skip("SIGMAHQ names no checkout of the public rules")
	}
	for _, f := range folders {
		sources = append(sources, Source{Name: filepath.Base(f), FS: os.DirFS(f)})
	}
	return dir, sources
}

// TestSigmaHQRegression runs the recorded attacks of the public rules: every
// record set must match the rule that its info.yml names. SIGMAHQ names a checkout
// with regression_data.
func TestSigmaHQRegression(t *testing.T) {
	dir, sources := hqSources(t)
	root := filepath.Join(dir, "regression_data")
	if _, err := os.Stat(root); err != nil {
		t.Skip("the checkout has no regression_data")
	}
	p, _ := Load(LoadConfig{Mapping: os.DirFS("../rules/mapping")}, sources...)
	ruleID := regexp.MustCompile(`(?m)^ +- id: (\S+)`)
	counts := regexp.MustCompile(`(?m)^ +match_count: (\d+)`)
	tried, passed := 0, 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() != "info.yml" {
			return err
		}
		info, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		id := ruleID.FindSubmatch(info)
		files, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*.json"))
		if id == nil || len(files) == 0 {
			return nil
		}
		tried++
		hits := 0
		for _, f := range files {
			hits += matches(t, p, f, string(id[1]))
		}
		want := 1
		if c := counts.FindSubmatch(info); c != nil {
			_, _ = fmt.Sscan(string(c[1]), &want)
		}
		if hits >= 1 {
			passed++
		}
		if hits != want {
			t.Logf("%s: %d matches; info.yml says %d", filepath.Dir(path), hits, want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d of %d record sets match their rule", passed, tried)
	if passed < tried*98/100 {
		t.Error("too few")
	}
}

// matches counts the records of a file that match the rule.
func matches(t *testing.T, p *Program, file, rule string) (n int) {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	e := NewEngine(p, EngineConfig{})
	for {
		var record any
		if err := dec.Decode(&record); errors.Is(err, io.EOF) {
			return n
		} else if err != nil {
			t.Logf("%s: %v", file, err)
			return n
		}
		records := []any{record}
		if list, ok := record.([]any); ok {
			records = list
		}
		for _, r := range records {
			outer, _ := r.(map[string]any)
			inner, ok := outer["Event"].(map[string]any)
			if !ok {
				inner = outer
			}
			v, _ := e.Block(blocksOf(t, 1, ev{0, winEvent(inner, data)})[0], 1)
			for _, id := range v.Rules {
				if id == rule {
					n++
				}
			}
		}
	}
}

// winEvent flattens a Windows event as its parser does.
func winEvent(e map[string]any, raw []byte) map[string]any {
	f := map[string]any{"yagura.parser": "windows.json", "event.original": string(raw[:min(len(raw), event.MaxRaw)])}
	system, _ := e["System"].(map[string]any)
	text := func(v any) string {
		if m, ok := v.(map[string]any); ok {
			v = m["#text"]
		}
		return fmt.Sprint(v)
	}
	f["winlog.channel"], f["event.code"], f["host.name"] = text(system["Channel"]), text(system["EventID"]), text(system["Computer"])
	if provider, ok := system["Provider"].(map[string]any); ok {
		attributes, _ := provider["#attributes"].(map[string]any)
		f["winlog.provider_name"] = text(attributes["Name"])
	}
	for _, section := range []string{"EventData", "UserData"} {
		flatten(f, e[section])
	}
	return f
}

func flatten(f map[string]any, v any) {
	m, _ := v.(map[string]any)
	for k, v := range m {
		switch v := v.(type) {
		case map[string]any:
			if list, ok := v["#text"].([]any); ok && k == "Data" {
				f["winlog.event_data.Data"] = list
				continue
			}
			if t, ok := v["#text"]; ok {
				f["winlog.event_data."+k] = fmt.Sprint(t)
				continue
			}
			flatten(f, v)
		case nil:
			f["winlog.event_data."+k] = ""
		case []any:
			f["winlog.event_data."+k] = v
		default:
			if !strings.HasPrefix(k, "#") {
				f["winlog.event_data."+k] = fmt.Sprint(v)
			}
		}
	}
}

// TestSigmaHQ loads the public rules, when there is a checkout. Only rules with placeholders may fail.
func TestSigmaHQ(t *testing.T) {
	_, sources := hqSources(t)
	p, report := Load(LoadConfig{Mapping: os.DirFS("../rules/mapping")}, sources...)
	for _, err := range report.Errors {
		t.Log(err)
	}
	always, dead := 0, 0
	for i := range p.rules {
		if p.rules[i].wake == nil {
			always++
		}
		if p.rules[i].scope.why != "" {
			dead++
		}
	}
	t.Logf("%d rules, %d errors, %d atoms, %d slots; %d rules nothing wakes, %d of unknown sources",
		len(p.rules), len(report.Errors), len(p.atoms), len(p.slots.list), always, dead)
	if len(p.rules) < 3000 || len(report.Errors) > 60 {
		t.Error("too few load")
	}
}
