package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The parsers that are shipped as examples load and pass their own tests.
func TestShippedParsersLoad(t *testing.T) {
	all, err := LoadParsers("../../../deploy/yagura/parsers")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all.Faults {
		t.Error(f)
	}
	if len(all.Loaded) != 3 || len(all.Names) != 3 {
		t.Errorf("%d load of %v", len(all.Loaded), all.Names)
	}
}

func parserFaults(t *testing.T, text string) []string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "p.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	all, err := LoadParsers(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(all.Faults) > 0 && len(all.Loaded) > 0 {
		t.Error("a parser with faults loads")
	}
	var faults []string
	for _, f := range all.Faults {
		faults = append(faults, strings.Split(strings.ReplaceAll(f.Error(), path, "p"), "\n")...)
	}
	return faults
}

func TestFaultsOfParsersHaveTheirPlaces(t *testing.T) {
	const head = "name: acme.door\nrecognise: {tag: doord}\n"
	const tests = "tests:\n  - line: '<13>Nov 24 11:15:42 h doord: user ito'\n    want: {user.name: ito}\n"
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"sound": {head + "patterns: ['user {user.name}']\n" + tests, nil},
		"short forms": {head + "patterns:\n  - user {user.name}\n  - pattern: x {user.name}\n    set: {event.category: [iam, session], event.kind: event}\n" +
			"values: {user.name: {root: admin, '*': {event.kind: event}}}\n" + tests, []string{`p:10:12: tests[0].want.user.name: read nothing; want "ito"`}},
		"a field that is none": {head + "patterns:\n  - 'user {user.nmae}'\n" + tests, []string{`p:4:5: patterns[0].pattern: found "user.nmae"; want user.name`}},
		"keys and words": {head + "patern: x\npatterns:\n  - {pattern: 'user {user.name:wrod}', sett: {}}\norder: second\ndefaults: {event.category: login, source.ip: x}\n" + tests, []string{
			"p:3:1: patern: unknown key; want patterns",
			"p:5:40: patterns[0].sett: unknown key; want set"}},
		"all that is wrong": {"name: Door\npatterns:\n  - {pattern: 'user {user.name:wrod}'}\n  - 'x {user.name'\norder: second\ndefaults: {event.category: login, source.ip: x, acme.door: y}\n" + tests, []string{
			`p:1:1: name: found "Door"; want vendor.product in small letters, digits, - and _, such as acme.door`,
			`p:3:6: patterns[0].pattern: found "wrod"; want a type such as ip, int, word, text, quoted or rest`,
			`p:4:5: patterns[1].pattern: at character 3: a { without its }; want \{ for the character`,
			`p:5:1: order: found "second"; want first, normal or last`,
			`p:6:12: defaults.event.category: found "login"; want one of api, authentication, configuration, database, driver, email, file, host, iam, intrusion_detection, library, malware, network, package, process, registry, session, threat, vulnerability, web`,
			`p:6:35: defaults.source.ip: found "x"; want an address`,
			`p:6:49: defaults.acme.door: found "acme.door"; want an ECS field such as source.ip, or one of the product's own such as Door.name`}},
		"a test that fails": {head + "patterns: ['user {user.name}']\ntests:\n  - line: '<13>Nov 24 11:15:42 h doord: user ito'\n    want: {user.name: ito, source.ip: ~, event.kind: x}\n  - {line: '<13>Nov 24 11:15:42 h doord: user ueda', not: true}\n  - {line: '<13>Nov 24 11:15:42 h sshd[1]: user ueda', want: {user.name: x}}\n  - {line: '<13>Nov 24 11:15:42 h doord: guest x', want: {user.name: x}}\n", []string{
			`p:6:42: tests[0].want.event.kind: read nothing; want "x"`,
			`p:7:54: tests[1].not: the parser took the line; want a recognise or patterns that leave it alone`,
			`p:8:6: tests[2].line: openssh.sshd took the line; want recognise and a pattern that fit it, or another order`,
			`p:9:6: tests[3].line: the parser did not take the line; its text is "guest x"; want recognise and a pattern that fit it`}},
		"nothing to read":     {"name: acme.door\n", []string{"p:1:5: patterns: nothing says how a line is read; want patterns, kv, csv or json", "p:1:5: tests: no test says what is read of a line; want at least one line and its fields in want"}},
		"keys twice":          {head + "kv: {fields: {a: user.name, a: source.ip}}\n" + tests, []string{"p:3:29: kv.fields.a: the key stands twice; want it once"}},
		"kinds":               {head + "patterns: {a: b}\nkv: [1]\nvalues: x\n" + tests, []string{"p:3:1: patterns: found keys and values; want a list", "p:4:1: kv: found a list; want keys and values", "p:5:1: values: found \"x\"; want keys and values"}},
		"a null":              {head + "patterns: ['user {user.name}']\nkv:\nvalues: ~\n" + tests, nil},
		"an alias":            {"name: &a acme.door\n", []string{"p:1:7: yaml: found an anchor or alias; write the value out"}},
		"broken":              {"name: [\n", []string{"p:1:7: yaml: sequence end token ']' not found; mend the YAML here or on the line above"}},
		"not UTF-8":           {"name: \x93\xfa\n", []string{"p:1:7: file: found bytes that are not UTF-8; save the file as UTF-8"}},
		"empty":               {"", []string{"p: name: found \"\"; want vendor.product in small letters, digits, - and _, such as acme.door", "p: patterns: nothing says how a line is read; want patterns, kv, csv or json", "p: tests: no test says what is read of a line; want at least one line and its fields in want"}},
		"an expression":       {head + "patterns: [{regex: 'user (a+)', literal: 'user ', groups: ['user.name']}]\ntests: [{line: '<13>Nov 24 11:15:42 h doord: user aa', want: {user.name: aa}}]\n", nil},
		"literals too short":  {"name: acme.door\nrecognise: {contains: [a, '']}\npatterns: ['user {user.name}']\n" + tests, []string{"p:2:24: recognise.contains[0]: found \"a\"; want 3 bytes or more: what is shorter stands in others' lines, too", "p:2:27: recognise.contains[1]: found \"\"; want 3 bytes or more: what is shorter stands in others' lines, too"}},
		"a built-in's name":   {strings.Replace(head, "acme.door", "openssh.sshd", 1) + "patterns: ['user {user.name}']\n" + tests, []string{`p:1:1: name: "openssh.sshd" is built in; want another name`}},
		"time without a word": {head + "patterns: ['user {user.name}']\ntime: {format: '%Y-%m', of: ['@d']}\n" + tests, []string{`p:4:8: time.format: found "%Y-%m"; want auto, epoch, or a form of YYYY MM DD hh mm ss such as "YYYY/MM/DD hh:mm:ss" (0 parts for the month)`, `p:4:30: time.of[0]: found "@d"; want @timestamp, or an @name that is read of the line`}},
	} {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(c.want, parserFaults(t, c.text)); d != "" {
				t.Error(d)
			}
		})
	}
}

// A broken parser is left out; the others load, and a source may name each of them.
func TestABrokenParserDoesNotStopTheOthers(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const good = "name: NAME\npatterns: ['user {user.name}']\ntests: [{line: 'user ito', want: {user.name: ito}}]\n"
	write("a.yaml", strings.Replace(good, "NAME", "acme.a", 1))
	write("b.yaml", strings.Replace(good, "NAME", "acme.b", 1)+"order: x\n")
	write("c.yml", strings.Replace(good, "NAME", "acme.a", 1))
	write("README.md", "no parser")
	write("y.yaml.txt", "no parser")
	path := filepath.Join(t.TempDir(), "yagura.yaml")
	text := "parsers: [" + dir + "]\nsources: [{match: 192.0.2.1, device: acme.a}, {match: fw*, device: acme.b}, {match: 192.0.2.2, device: acme.c}]\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := Load(path, nil)
	if err == nil || strings.Count(err.Error(), "\n") > 0 || !strings.Contains(err.Error(), `sources[2].device: found "acme.c"; want acme.`) {
		t.Errorf("err %v", err)
	}
	if len(cfg.Custom.Loaded) != 1 || len(cfg.Custom.Faults) != 2 {
		t.Errorf("%d load; %v", len(cfg.Custom.Loaded), cfg.Custom.Faults)
	}
	_, errs := load(t, "parsers: [./none, '']\n")
	if len(errs) != 2 || !strings.HasPrefix(errs[0], "y:1:11: parsers[0]: stat ") || !strings.HasPrefix(errs[1], `y:1:19: parsers[1]: found ""; want`) {
		t.Error(errs)
	}
}

func TestSourcesAreMatchedByAddressOrName(t *testing.T) {
	cfg, errs := load(t, "sources: [{match: 192.0.2.1}, {match: '2001:db8::/32'}, {match: fw01}, {match: 'pc-*'}, {match: 'CN=web01'}]\n")
	if errs != nil {
		t.Fatal(errs)
	}
	var got []string
	for _, s := range cfg.Sources {
		got = append(got, s.Match.String())
	}
	if d := cmp.Diff([]string{"192.0.2.1", "2001:db8::/32", "fw01", "pc-*", "CN=web01"}, got); d != "" {
		t.Error(d)
	}
	_, errs = load(t, "sources: [{match: 192.0.2.0/33}, {match: '2001:db8::1::'}, {match: 'a*b'}, {match: '*'}, {match: ''}]\n")
	want := []string{
		`y:1:12: sources[0].match: found "192.0.2.0/33"; want an address or a network such as 192.0.2.0/24`,
		`y:1:35: sources[1].match: found "2001:db8::1::"; want an address or a network such as 192.0.2.0/24`,
		`y:1:61: sources[2].match: found "a*b"; want an address, a network, or a name; a * may end it`,
		`y:1:77: sources[3].match: found "*"; want an address, a network, or a name; a * may end it`,
		`y:1:91: sources[4].match: found ""; want an address or a network such as 192.0.2.0/24`,
	}
	if d := cmp.Diff(want, errs); d != "" {
		t.Error(d)
	}
}

func FuzzParsers(f *testing.F) {
	f.Add("name: a.b\npatterns: ['user {user.name}']\nvalues: {user.name: {a: b}}\ntests: [{line: 'user ito', want: {user.name: ito}}]\n")
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), "p.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Skip()
		}
		_, _ = LoadParsers(path)
	})
}
