package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	doorParser = "name: acme.door\nrecognise: {tag: doord}\npatterns: ['user {user.name} opened']\n" +
		"tests: [{line: '<13>Nov 24 11:15:42 d1 doord: user ito opened', want: {user.name: ito}}]\n"
	doorLine = "<13>Nov 24 11:15:42 d1 doord: user ueda opened\n"
)

// files writes files into a folder of their own and returns it.
func files(t *testing.T, texts map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range texts {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// A parser by configuration reads lines of parse, and check runs its tests.
func TestParseAndCheckUseParsersByConfiguration(t *testing.T) {
	good := files(t, map[string]string{"door.yaml": doorParser})
	bad := files(t, map[string]string{"bad.yaml": strings.Replace(doorParser, "ito}", "ueda}", 1), "good.yaml": strings.Replace(doorParser, "acme.", "acme2.", 1)})
	config := func(dir string) string {
		return filepath.Join(files(t, map[string]string{"yagura.yaml": "parsers: [" + dir + "]\n"}), "yagura.yaml")
	}
	const fault = `bad.yaml:4:72: tests[0].want.user.name: read "ito"; want "ueda"`
	for name, c := range map[string]struct {
		args      []string
		code      int
		out, errs string
	}{
		"nobody knows it":        {[]string{"parse"}, 0, `"yagura.unparsed"`, ""},
		"a folder":               {[]string{"parse", "--parsers", good}, 0, `"yagura.parser":"acme.door"`, ""},
		"a file, told":           {[]string{"parse", "--parsers", filepath.Join(good, "door.yaml"), "--device", "acme.door"}, 0, `"user.name":"ueda"`, ""},
		"a configuration":        {[]string{"parse", "-c", config(good)}, 0, `"yagura.parser":"acme.door"`, ""},
		"a broken one":           {[]string{"parse", "--parsers", bad}, 2, "", fault},
		"a broken one, the rest": {[]string{"parse", "-c", config(bad)}, 0, `"yagura.parser":"acme2.door"`, "warning: "},
		"no file":                {[]string{"parse", "--parsers", filepath.Join(good, "none")}, 2, "", "no such file"},
		"check":                  {[]string{"check", "--offline", "-c", config(good)}, 0, "", "parsers: 1 load"},
		"check finds it":         {[]string{"check", "--offline", "-c", config(bad)}, 2, "", fault},
		"a wrong device":         {[]string{"parse", "--parsers", good, "--device", "acme.dor"}, 2, "", "want acme.door"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, errs := command(t, doorLine, c.args...)
			if code != c.code && !(c.code == 0 && strings.Contains(errs, "engine")) || !strings.Contains(errs, c.errs) {
				t.Errorf("code %d: %s", code, errs)
			}
			if c.out != `"yagura.unparsed"` && !strings.Contains(out, c.out) || c.out == `"yagura.unparsed"` && strings.Contains(out, "yagura.parser") {
				t.Error(out)
			}
		})
	}
}
