// Package deploy_test checks the files of this folder without the servers they are
// for: the parts that can be read are read by the programs that will read them.
package deploy_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/nats-io/nats-server/v2/server"

	"yagura/cmd/yagura/config"
)

// prepared runs compose-init.sh on a copy and returns the copy's folder.
func prepared(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not here; compose-init.sh makes secrets with it")
	}
	dir := t.TempDir()
	for _, name := range []string{"compose-init.sh", "clickhouse", "nats", "grafana", "yagura"} {
		copyTree(t, name, filepath.Join(dir, "deploy", name))
	}
	copyTree(t, "../dashboards/grafana", filepath.Join(dir, "dashboards", "grafana"))
	copyTree(t, "../compose.yaml", filepath.Join(dir, "compose.yaml"))
	for range 2 { // a second run changes nothing that is there
		if out, err := exec.Command("bash", filepath.Join(dir, "deploy", "compose-init.sh")).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	return dir
}

func copyTree(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		dst := filepath.Join(to, rel)
		return errors.Join(os.MkdirAll(filepath.Dir(dst), 0o755), os.WriteFile(dst, text, 0o600))
	})
	if err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, parts ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(parts...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// composition is what the test needs of compose.yaml.
type composition struct {
	Services map[string]struct {
		Image       string         `yaml:"image"`
		Volumes     []string       `yaml:"volumes"`
		Secrets     []string       `yaml:"secrets"`
		Networks    []string       `yaml:"networks"`
		Ports       []string       `yaml:"ports"`
		DependsOn   map[string]any `yaml:"depends_on"`
		CapDrop     []string       `yaml:"cap_drop"`
		SecurityOpt []string       `yaml:"security_opt"`
	} `yaml:"services"`
	Networks map[string]any `yaml:"networks"`
	Volumes  map[string]any `yaml:"volumes"`
	Secrets  map[string]struct {
		File string `yaml:"file"`
	} `yaml:"secrets"`
}

func TestComposeNamesOnlyWhatIsThere(t *testing.T) {
	dir := prepared(t)
	var c composition
	if err := yaml.Unmarshal([]byte(read(t, dir, "compose.yaml")), &c); err != nil {
		t.Fatal(err)
	}
	for name, s := range c.Services {
		if len(s.CapDrop) != 1 || len(s.SecurityOpt) != 1 || s.Image == "" || strings.HasSuffix(s.Image, ":latest") {
			t.Errorf("%s: not hardened, or no image of a fixed version: %+v", name, s)
		}
		for _, v := range s.Volumes {
			from, _, _ := strings.Cut(v, ":")
			if strings.HasPrefix(from, "./") {
				if _, err := os.Stat(filepath.Join(dir, from)); err != nil {
					t.Errorf("%s mounts %s: %v", name, from, err)
				}
			} else if _, ok := c.Volumes[from]; !ok {
				t.Errorf("%s mounts the volume %s, which is not declared", name, from)
			}
		}
		for _, n := range s.Networks {
			if _, ok := c.Networks[n]; !ok {
				t.Errorf("%s: no network %s", name, n)
			}
		}
		for other := range s.DependsOn {
			if _, ok := c.Services[other]; !ok {
				t.Errorf("%s depends on %s, which is not there", name, other)
			}
		}
		for _, secret := range s.Secrets {
			if read(t, dir, c.Secrets[secret].File) == "" {
				t.Errorf("%s: secret %s is empty", name, secret)
			}
		}
		for _, p := range s.Ports {
			if !strings.HasPrefix(p, "127.0.0.1:") && !strings.HasPrefix(p, "${YAGURA_SYSLOG_BIND:-127.0.0.1}:") && !strings.HasPrefix(p, "${YAGURA_AGENTS_BIND:-127.0.0.1}:") {
				t.Errorf("%s publishes %s to the network", name, p)
			}
		}
	}
}

func TestSecretsAreMadeOnceAndNotCommitted(t *testing.T) {
	dir := prepared(t)
	secrets := filepath.Join(dir, "var", "compose", "secrets")
	entries, err := os.ReadDir(secrets)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, e := range entries {
		s := read(t, secrets, e.Name())
		if len(s) != 64 || seen[s] {
			t.Errorf("%s: %d characters, or used twice", e.Name(), len(s))
		}
		seen[s] = true
	}
	if info, err := os.Stat(filepath.Join(dir, "var", "compose")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("var/compose: %v %v; want 0700", info.Mode(), err)
	}
	users := read(t, dir, "var", "compose", "clickhouse", "users.xml")
	for _, name := range []string{"clickhouse_writer", "clickhouse_reader", "clickhouse_grafana"} {
		sum := sha256.Sum256([]byte(read(t, secrets, name)))
		if !strings.Contains(users, "<password_sha256_hex>"+hex.EncodeToString(sum[:])+"<") {
			t.Errorf("users.xml does not hold the hash of %s", name)
		}
	}
	for _, text := range []string{users, read(t, dir, "var", "compose", "yagura", "yagura.yaml")} {
		if placeholder := regexp.MustCompile(`@[A-Z_0-9]+@`).FindString(text); placeholder != "" {
			t.Errorf("%s was not filled in", placeholder)
		}
	}
}

func TestNATSReadsItsConfiguration(t *testing.T) {
	dir := prepared(t)
	folder := filepath.Join(dir, "var", "compose", "nats")
	copyTree(t, "nats/nats.conf", filepath.Join(folder, "nats.conf"))
	o, err := server.ProcessConfigFile(filepath.Join(folder, "nats.conf"))
	if err != nil {
		t.Fatal(err)
	}
	if !o.JetStream || !o.SyncAlways || o.StoreDir != "/data" || o.JetStreamMaxStore <= 0 {
		t.Errorf("JetStream %v, sync always %v, store %s, at most %d", o.JetStream, o.SyncAlways, o.StoreDir, o.JetStreamMaxStore)
	}
	if o.Authorization != read(t, dir, "var", "compose", "secrets", "nats_token") {
		t.Error("another token than the secret")
	}
	if o.HTTPHost != "127.0.0.1" {
		t.Errorf("the monitor listens on %s", o.HTTPHost)
	}
}

func TestYaguraReadsTheConfigurations(t *testing.T) {
	dir := prepared(t)
	for _, path := range []string{filepath.Join(dir, "var", "compose", "yagura", "yagura.yaml"), "systemd/yagura.yaml", "image/yagura.yaml"} {
		if _, err := config.Load(path, nil); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestClickHouseFilesAreWellFormed(t *testing.T) {
	dir := prepared(t)
	for _, path := range []string{"clickhouse/config.d/yagura.xml", filepath.Join(dir, "var", "compose", "clickhouse", "users.xml")} {
		d := xml.NewDecoder(strings.NewReader(read(t, path)))
		for {
			_, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
		}
	}
}

func TestGrafanaFindsItsFiles(t *testing.T) {
	dir := prepared(t)
	ini := read(t, "grafana/grafana.ini")
	home := regexp.MustCompile(`default_home_dashboard_path = /etc/grafana/yagura/(\S+)`).FindStringSubmatch(ini)
	if home == nil {
		t.Fatal("no home dashboard")
	}
	read(t, dir, "var", "compose", "grafana", home[1])
	for _, key := range []string{"admin_password", "secret_key"} {
		if !regexp.MustCompile(`(?m)^` + key + ` = \$__file\{/run/secrets/\w+\}$`).MatchString(ini) {
			t.Errorf("%s does not come from a file", key)
		}
	}
	var source struct {
		DataSources []struct {
			UID  string         `yaml:"uid"`
			JSON map[string]any `yaml:"jsonData"`
		} `yaml:"datasources"`
	}
	if err := yaml.Unmarshal([]byte(read(t, "grafana/datasources/yagura.yaml")), &source); err != nil {
		t.Fatal(err)
	}
	if len(source.DataSources) != 1 || source.DataSources[0].UID != "yagura" || source.DataSources[0].JSON["defaultDatabase"] != "yagura" {
		t.Errorf("%+v", source)
	}
}

func TestScriptsParse(t *testing.T) {
	for _, script := range []string{"compose-init.sh", "package.sh", "image/build.sh"} {
		if out, err := exec.Command("bash", "-n", script).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", script, err, out)
		}
	}
}

// TestUnitIsSound has systemd read the unit, with the paths that it names made
// good: a program that exists.
func TestUnitIsSound(t *testing.T) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("systemd-analyze is not here")
	}
	unit := strings.ReplaceAll(read(t, "systemd/yagura.service"), "/usr/local/bin/yagura", "/bin/true")
	path := filepath.Join(t.TempDir(), "yagura.service")
	if err := os.WriteFile(path, []byte(unit), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("systemd-analyze", "verify", path).CombinedOutput(); err != nil || strings.Contains(string(out), "yagura.service:") {
		t.Errorf("%v\n%s", err, out)
	}
}
