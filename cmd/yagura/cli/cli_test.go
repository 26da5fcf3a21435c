package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// command runs a command line and returns its exit code and outputs.
func command(t testing.TB, in string, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = mainContext(t.Context(), args, Streams{In: strings.NewReader(in), Out: &o, Err: &e})
	return code, o.String(), e.String()
}

func TestParseWhen(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	local := func(text string) string {
		at, err := time.ParseInLocation("2006-01-02 15:04", text, time.Local)
		if err != nil {
			t.Fatal(err)
		}
		return at.UTC().Format(time.RFC3339)
	}
	for text, want := range map[string]string{
		"15m": "2026-11-24T11:45:00Z", "90s": "2026-11-24T11:58:30Z", "1h30m": "2026-11-24T10:30:00Z",
		"30d": "2026-10-25T12:00:00Z", "1.5d": "2026-11-23T00:00:00Z", "0s": "2026-11-24T12:00:00Z", "0d": "2026-11-24T12:00:00Z",
		"2026-11-24T09:00:00+09:00": "2026-11-24T00:00:00Z", "2026-11-24": local("2026-11-24 00:00"), "2026-11-24 08:30": local("2026-11-24 08:30"),
		"": "error", "d": "error", "yesterday": "error", "-5m": "error", "-1d": "error", "5": "error",
		"200000d": "error", "999999999d": "error", "9999999h": "error", "2026-13-01": "error",
	} {
		got := "error"
		if at, err := parseWhen(text, now); err == nil {
			got = at.UTC().Format(time.RFC3339)
		}
		if got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestCountedMessages(t *testing.T) {
	for name, c := range map[string]struct {
		in, want, fault string
	}{
		"none":                {"", "", ""},
		"only blanks":         {"\n", "", ""},
		"two":                 {"1 a3 b\nc", "a|b\nc|", ""},
		"a newline between":   {"1 a\n2 bc", "a|bc|", ""},
		"an empty message":    {"0 1 a", "|a|", ""},
		"cut short":           {"1 a5 bc", "a|", "message 2: the input ends before its 5 bytes"},
		"no length":           {"abc def", "", "message 1: found \"abc \""},
		"negative":            {"-5 abc", "", "message 1"},
		"too long":            {"99999999 a", "", "message 1"},
		"beyond 64 bits":      {"99999999999999999999999 a", "", "message 1"},
		"never a blank":       {strings.Repeat("9", 1<<20), "", "message 1"},
		"ends in the length":  {"1 a12", "a|", "message 2"},
		"text behind the end": {"1 a x", "a|", "message 2"},
	} {
		next := countedMessages(strings.NewReader(c.in))
		var got strings.Builder
		for {
			f, err := next()
			if err == io.EOF && c.fault == "" {
				break
			}
			if err != nil {
				var inv invalid
				if !errors.As(err, &inv) || !strings.Contains(err.Error(), c.fault) || c.fault == "" {
					t.Errorf("%s: %v; want %q", name, err, c.fault)
				}
				break
			}
			got.Write(f.Data)
			got.WriteByte('|')
		}
		if got.String() != c.want {
			t.Errorf("%s: %q, want %q", name, got.String(), c.want)
		}
	}
}

func TestRows(t *testing.T) {
	columns := `["name","n","list"]`
	rows := []string{
		`{"name":"櫓","n":1,"list":["a","b"]}`,
		`{"name":"=cmd()","n":-5,"list":null}`,
		"{\"name\":\"esc\\u001b[31m\\nx\\u202e\",\"n\":\"@x\"}",
		`{"name":"+81","n":"-","list":"-1+2"}`,
	}
	for format, want := range map[string]string{
		"json": strings.Join(rows, "\n") + "\n",
		"csv":  "name,n,list\n櫓,1,\"[\"\"a\"\",\"\"b\"\"]\"\n'=cmd(),-5,\n\"esc\x1b[31m\nx\u202e\",'@x,\n'+81,'-,'-1+2\n",
		"table": "name                 n   list\n" +
			"櫓                   1   [\"a\",\"b\"]\n" +
			"=cmd()               -5  \n" +
			"esc\\u001b[31m x\\u202e  @x  \n" +
			"+81                  -   -1+2\n",
	} {
		var out bytes.Buffer
		p, err := newRowPrinter(format, &out, columns)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			if err := p.row([]byte(r)); err != nil {
				t.Fatal(err)
			}
		}
		if err := p.end(); err != nil {
			t.Fatal(err)
		}
		got := out.String()
		if format == "table" { // padding aside: the header and the widths are checked below
			got, want = squeeze(got), squeeze(want)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", format, d)
		}
	}
	if _, err := newRowPrinter("json", io.Discard, "{"); err == nil {
		t.Error("damaged columns were taken")
	}
}

func squeeze(s string) string {
	for strings.Contains(s, "  ") {
		s = strings.ReplaceAll(s, "  ", " ")
	}
	return strings.ReplaceAll(s, " \n", "\n")
}

func TestATableIsAligned(t *testing.T) {
	var out bytes.Buffer
	p, err := newRowPrinter("table", &out, `["a","b"]`)
	if err != nil {
		t.Fatal(err)
	}
	for range tableRows + 5 { // beyond what is measured
		if err := p.row([]byte(`{"a":"日本語","b":"x"}`)); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.row([]byte(`{"a":"` + strings.Repeat("長", 50) + `","b":"x"}`)); err != nil {
		t.Fatal(err)
	}
	if err := p.end(); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != tableRows+7 || lines[0] != "a       b" || lines[1] != "日本語  x" || lines[len(lines)-1] != "長長長  x" {
		t.Errorf("%d lines: %q, %q … %q", len(lines), lines[0], lines[1], lines[len(lines)-1])
	}
}

func TestFindings(t *testing.T) {
	all := []finding{{"critical", "disk", "full\x1b[2J", "make room"}, {"ok", "bus", "well", ""}}
	for format, want := range map[string]string{
		"table": "critical disk       full\\u001b[2J\n                    → make room\nok       bus        well\n",
		"csv":   "level,place,what,mend\ncritical,disk,full\x1b[2J,make room\nok,bus,well,\n",
		"json":  "{\"level\":\"critical\",\"place\":\"disk\",\"what\":\"full\\u001b[2J\",\"mend\":\"make room\"}\n{\"level\":\"ok\",\"place\":\"bus\",\"what\":\"well\"}\n",
	} {
		var out bytes.Buffer
		if err := printFindings(&out, format, all); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, out.String()); d != "" {
			t.Errorf("%s: %s", format, d)
		}
	}
}

// Exit codes: 0 fine, 1 failed, 2 wrong usage or invalid input; words on standard
// error only.
func TestExitCodes(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "lines")
	if err := os.WriteFile(file, []byte("<13>Nov 24 12:00:00 host app: hello\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	for _, c := range []struct {
		args []string
		code int
		errs string
	}{
		{[]string{"-h"}, 0, ""},
		{[]string{"parse", "-h"}, 0, ""},
		{[]string{"version"}, 0, ""},
		{[]string{"nonsense"}, 2, "nonsense"},
		{[]string{"parse", "--nonsense"}, 2, "nonsense"},
		{[]string{"parse", file}, 0, ""},
		{[]string{"parse", filepath.Join(dir, "none")}, 2, "none"},
		{[]string{"parse", "--device", "toaster", file}, 2, "toaster"},
		{[]string{"parse", "--device", "yamaha.rtz", file}, 2, "want yamaha.rtx\n"},
		{[]string{"parse", "--timezone", "Mars/Base", file}, 2, "Mars/Base"},
		{[]string{"parse", "--received", "noon", file}, 2, "--received noon: want an age"},
		{[]string{"parse", "--received", "2026-11-24T12:00:00+09:00", file}, 0, ""},
		{[]string{"parse", dir}, 2, "is a folder"},
		{[]string{"detect", dir}, 2, "is a folder"},
		{[]string{"up", "--stages", "ingets", "--data", dir}, 2, "want ingest\n"},
		{[]string{"send", "--to", "udp:localhost"}, 2, "want udp:HOST:PORT"},
		{[]string{"send", "--to", "tcp:127.0.0.1:"}, 2, "want udp:HOST:PORT"},
		{[]string{"send", "--story", "ssh_bruteforc", "--to", "tcp:127.0.0.1:1"}, 2, "want ssh_bruteforce\n"},
		{[]string{"rules", "show", "ssh_bruteforc"}, 2, "did you mean ssh_bruteforce?"},
		{[]string{"rules", "show", "zzzzzzzz"}, 2, "no rule \"zzzzzzzz\"; `yagura rules list`"},
		{[]string{"books", "--data", dir, "--since", "soon"}, 2, "--since soon: want an age"},
		{[]string{"parse", "--framing", "octet", file}, 2, "message 1"},
		{[]string{"detect", "--rules", filepath.Join(dir, "none"), file}, 2, "none"},
		{[]string{"query", "x", "--data", dir}, 1, "yagura up"},
		{[]string{"query", "x", "--data", dir, "--since", "soon"}, 1, "yagura up"},
		{[]string{"tail", "--data", dir}, 1, "yagura up"},
		{[]string{"doctor", "--data", dir}, 1, "yagura up"},
		{[]string{"sources", "-c", filepath.Join(dir, "none.yaml")}, 2, "none.yaml"},
		{[]string{"send", "--to", "pigeon:1"}, 2, "pigeon"},
		{[]string{"send", "--story", "no such", "--to", "tcp:127.0.0.1:1"}, 2, "no such"},
		{[]string{"send", "--to", "tcp:127.0.0.1:1", file}, 1, "listening there"},
	} {
		code, out, errs := command(t, "", c.args...)
		if code != c.code || !strings.Contains(errs, c.errs) {
			t.Errorf("%v: exit code %d, want %d; said %q, want %q", c.args, code, c.code, errs, c.errs)
		}
		if code == 1 && strings.Count(errs, "\n") != 1 {
			t.Errorf("%v: want one line: %q", c.args, errs)
		}
		if code != 0 && strings.Contains(out, "rror") {
			t.Errorf("%v: an error on standard output: %q", c.args, out)
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("files were made: %v, %v", left, err)
	}
}

// The whole of what is wrong comes at once: assets, rules and files.
func TestCheckSaysEverythingAtOnce(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("assets.csv", "address,name\nnonsense,x\n")
	write("rule.yml", "title: T\nid: t\nlogsource: {product: linux}\ndetection: {a: {x|nonsense: y}, condition: a}\nlevel: low\n")
	config := write("yagura.yaml", "assets: assets.csv\nrules: [rule.yml]\nalert: {smtp: {host: 127.0.0.1, port: 1, password_file: none}}\nbus: {servers: ['nats://127.0.0.1:1']}\n")
	code, out, errs := command(t, "", "check", "-c", config)
	if code != 2 || out != "" {
		t.Errorf("exit code %d, out %q", code, out)
	}
	for _, want := range []string{"assets.csv:2:", "rule.yml:4:", "alert.smtp.password_file: ", "alert.smtp: ", "bus.servers: nats://127.0.0.1:1: "} {
		if !strings.Contains(errs, want) {
			t.Errorf("%q is not in\n%s", want, errs)
		}
	}
}

func TestAPanicIsNotSwallowed(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("the panic of a reader was swallowed")
		}
	}()
	mainContext(context.Background(), []string{"parse"}, Streams{In: panicking{}, Out: io.Discard, Err: io.Discard})
}

type panicking struct{}

func (panicking) Read([]byte) (int, error) { panic("defect") }

func TestHelpNamesChoicesDefaultsAndVariables(t *testing.T) {
	code, out, _ := command(t, "", "query", "-h")
	words := strings.Join(strings.Fields(out), " ")
	for _, want := range []string{"(json, table, csv)", "(default 1h)", "(default 1000)", "($YAGURA_DATA)"} {
		if code != 0 || !strings.Contains(words, want) {
			t.Errorf("%s is not in\n%s", want, out)
		}
	}
}

// A full disk behind a redirection is not success.
func TestOutputThatCannotBeWrittenIsAFailure(t *testing.T) {
	for _, args := range [][]string{{"rules", "test", "-v"}, {"rules", "list"}, {"send", "--list"}, {"version"}} {
		var errs bytes.Buffer
		if code := mainContext(t.Context(), args, Streams{In: strings.NewReader(""), Out: fullDisk{}, Err: &errs}); code != exitFailed {
			t.Errorf("%v: exit code %d; said %q", args, code, errs.String())
		}
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestShowNamesThingsAsListDoes(t *testing.T) {
	_, listed, _ := command(t, "", "rules", "list", "--format", "json")
	line, _, _ := strings.Cut(listed, "\n")
	var row, shown map[string]any
	if err := json.Unmarshal([]byte(line), &row); err != nil {
		t.Fatal(err)
	}
	code, out, errs := command(t, "", "rules", "show", row["id"].(string))
	if err := json.Unmarshal([]byte(out), &shown); err != nil || code != 0 || strings.Contains(out, "\\u003c") {
		t.Fatalf("%v, exit code %d: %s%s", err, code, out, errs)
	}
	for _, name := range []string{"id", "level", "title", "title_ja", "logsource", "alerts", "can_fire", "tests", "file"} {
		if d := cmp.Diff(row[name], shown[name]); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestAddressesOfOneHostOnly(t *testing.T) {
	for servers, want := range map[string]bool{
		"": false, "https://127.0.0.1:8443": true, "https://[::1]:8443": true, "https://localhost:8443": true,
		"https://log01:8443": false, "https://192.0.2.4:8443": false, "https://127.0.0.1:8443 https://log01:8443": false,
	} {
		if got := onlyHere(strings.Fields(servers)); got != want {
			t.Errorf("%q: %v", servers, got)
		}
	}
}
