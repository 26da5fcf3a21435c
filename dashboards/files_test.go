package dashboards

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the committed files anew")

// committed is where the generated files are kept for those who have no binary.
const committed = "grafana"

func generated(t *testing.T) map[string][]byte {
	t.Helper()
	files, err := Files()
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestCommittedFilesAreTheGeneratedOnes(t *testing.T) {
	files := generated(t)
	if *update {
		if err := os.RemoveAll(committed); err != nil {
			t.Fatal(err)
		}
		if err := Write(committed); err != nil {
			t.Fatal(err)
		}
	}
	found := map[string][]byte{}
	err := filepath.WalkDir(committed, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		rel, err := filepath.Rel(committed, path)
		if err != nil {
			return err
		}
		found[filepath.ToSlash(rel)], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		if diff := cmp.Diff(string(want), string(found[name])); diff != "" {
			t.Errorf("%s differs; run `make generate` (-generated +committed):\n%.2000s", name, diff)
		}
		delete(found, name)
	}
	for name := range found {
		t.Errorf("%s is committed, but nothing generates it", name)
	}
}

func TestFilesAreTheSameEachTime(t *testing.T) {
	first, second := generated(t), generated(t)
	if diff := cmp.Diff(first, second); diff != "" {
		t.Error(diff)
	}
}

func TestWriteReplacesAndKeepsOthers(t *testing.T) {
	dir := t.TempDir()
	mine := filepath.Join(dir, "dashboards", "mine.json")
	if err := os.MkdirAll(filepath.Dir(mine), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(mine, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := Write(dir); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range generated(t) {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := os.Stat(mine); err != nil {
		t.Error(err)
	}
	if err := Write(mine); err == nil {
		t.Error("writing below a file gave no error")
	}
}

func TestProvisioningIsYAMLAndNamesOurDataSource(t *testing.T) {
	for name, text := range generated(t) {
		if filepath.Ext(name) != ".yaml" {
			continue
		}
		var doc struct {
			APIVersion  int `yaml:"apiVersion"`
			DataSources []struct {
				UID  string `yaml:"uid"`
				Type string `yaml:"type"`
			} `yaml:"datasources"`
			Providers []struct {
				Options map[string]any `yaml:"options"`
			} `yaml:"providers"`
			Groups []struct {
				Rules []struct {
					UID  string           `yaml:"uid"`
					Data []map[string]any `yaml:"data"`
				} `yaml:"rules"`
			} `yaml:"groups"`
		}
		if err := yaml.Unmarshal(text, &doc); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if doc.APIVersion != 1 || len(doc.DataSources)+len(doc.Providers)+len(doc.Groups) != 1 {
			t.Errorf("%s: %+v", name, doc)
		}
		for _, d := range doc.DataSources {
			if d.UID != sourceUID || d.Type != sourceType {
				t.Errorf("%s: %+v", name, d)
			}
		}
		for _, g := range doc.Groups {
			for _, r := range g.Rules {
				if len(r.UID) > 40 || len(r.Data) != 3 || r.Data[0]["datasourceUid"] != sourceUID {
					t.Errorf("%s: %+v", name, r)
				}
			}
		}
	}
}

func TestSiteNamesItsConsole(t *testing.T) {
	files, err := Site{Console: "https://watch.example.jp:8080"}.Files()
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if filepath.Ext(name) != ".json" {
			continue
		}
		if !bytes.Contains(text, []byte(`"query": "https://watch.example.jp:8080"`)) || bytes.Contains(text, []byte("127.0.0.1:8080")) {
			t.Errorf("%s: the console is another one", name)
		}
	}
}
