package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAgentsSayWhatTheyRestOn: the CA that is printed need not be the one that senders
// meet, and the address in an invitation may be a guess.
func TestAgentsSayWhatTheyRestOn(t *testing.T) {
	dir := t.TempDir()
	conf := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("data: "+dir+"\nlisten:\n  agents:\n    https: 192.0.2.7:9443\n"+text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	own := conf("own.yaml", "")
	theirs := conf("theirs.yaml", "    cert: /etc/yagura/log01.pem\n    key: /etc/yagura/log01.key\n")
	for _, c := range []struct {
		args      []string
		want, not string
	}{
		{[]string{"agents", "ca", "-c", own}, "SHA-256 ", "log01.pem"},
		{[]string{"agents", "ca", "-c", theirs}, "/etc/yagura/log01.pem", ""},
		{[]string{"agents", "invite", "web01", "-c", own}, "https://192.0.2.7:9443", "guess"},
		{[]string{"agents", "invite", "web02", "--data", dir}, "give -c or --server", ""},
		{[]string{"agents", "invite", "web03", "--data", dir, "--server", "https://log01:8443"}, "https://log01:8443", "give -c"},
	} {
		code, _, errs := command(t, "", c.args...)
		if code != 0 || !strings.Contains(errs, c.want) || c.not != "" && strings.Contains(errs, c.not) {
			t.Errorf("%v: %d %s; want %s", c.args, code, errs, c.want)
		}
	}
}
