package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func load(t *testing.T, text string, env ...string) (Config, []string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "yagura.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := Load(path, env)
	if err == nil {
		return cfg, nil
	}
	return cfg, strings.Split(strings.ReplaceAll(err.Error(), path, "y"), "\n")
}

func TestTheDesignsExampleLoads(t *testing.T) {
	cfg, errs := load(t, `
data: ./elsewhere
tenant: yatsushiro
language: en
listen:
  syslog: [{udp: "127.0.0.1:5514", allow: [192.0.2.0/24, "2001:db8::1"]}, {tcp: "127.0.0.1:5514", idle: 10m}]
bus: {servers: [], max_bytes: 8GiB}
zones: [{id: internet, name: インターネット接続系, networks: [192.0.2.0/24]}, {id: mynumber, name: マイナンバー事務系, networks: [198.51.100.0/24]}]
flows: [{from: mynumber, to: internet, destination: 192.0.2.9, port: 443, note: 無害化通信}]
assets: assets.csv
sources: [{match: 192.0.2.1, device: yamaha.rtx, timezone: Asia/Tokyo, encoding: auto, zone: internet}]
rules: [builtin, ./rules]
alert: {smtp: {host: mail.example.jp, port: 587, tls: required, user: yagura}, to: [admin@example.jp]}
console: {address: "127.0.0.1:8080"}
`, "YAGURA_CONSOLE_ADDRESS=127.0.0.1:9090", "YAGURA_STORE_VERDICT_WAIT=5s", "YAGURA_TOKEN=ignored")
	if errs != nil {
		t.Fatal(errs)
	}
	if cfg.Console.Address != "127.0.0.1:9090" || cfg.Store.Verdicts != 5*time.Second || cfg.Bus.MaxBytes != 8<<30 {
		t.Errorf("%+v", cfg)
	}
	if got := cfg.Listen.Syslog[0].Allow[1].String(); got != "2001:db8::1/128" {
		t.Errorf("allow %s", got)
	}
	if !filepath.IsAbs(cfg.Rules[1]) || cfg.Data != "./elsewhere" {
		t.Errorf("rules %v, data %v", cfg.Rules, cfg.Data)
	}
}

func TestEveryFaultIsNamedAtOnceWithItsPlace(t *testing.T) {
	_, errs := load(t, `tenant: "a b"
lisen: {}
language: jp
listen:
  syslog: [{udp: "5514"}, {udp: "127.0.0.1:1", tcp: "127.0.0.1:1"}, {tcp: "127.0.0.1:2", max_line: 1GiB}]
zones: [{id: internet, networks: [192.0.2.0/33]}]
flows: [{from: internat}]
bus: {max_bytes: lots}
alert: {smtp: [1], to: [nobody]}
console: {address: "0.0.0.0:8080"}
`)
	want := []string{
		`y:1:1: tenant: found "a b"; want 1 to 40 letters, digits, - or _`,
		`y:2:1: lisen: unknown key; want listen`,
		`y:3:1: language: found "jp"; want one of ja, en`,
		`y:5:13: listen.syslog[0].udp: found "5514"; want host:port such as 127.0.0.1:8080`,
		`y:5:27: listen.syslog[1]: 2 of udp, tcp, tls, relp and unix; want one of them: {udp: "0.0.0.0:514"}`,
		`y:5:90: listen.syslog[2].max_line: found 1073741824; want at most 256KiB`,
		`y:6:35: zones[0].networks[0]: found "192.0.2.0/33"; want an address or a network such as 192.0.2.0/24`,
		`y:7:10: flows[0].from: no zone "internat"; want internet`,
		`y:8:7: bus.max_bytes: found "lots"; want a size such as 512, 64KiB, 4MiB or 2GiB`,
		`y:9:9: alert.smtp: found a list; want keys and values`,
		`y:9:25: alert.to[0]: found "nobody"; want a mail address`,
		`y:10:11: console.address: "0.0.0.0:8080" is reachable from the network without TLS; set console.cert and console.key, or listen on 127.0.0.1`,
	}
	if d := cmp.Diff(want, errs); d != "" {
		t.Error(d)
	}
}

func TestFaultsOfEveryKind(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"keys twice, and more": {"data: a\ndata: b\nzones:\n  - id: a\n    id: b\nfoo: 1\n", []string{
			"y:2:1: data: the key stands twice; want it once", "y:5:5: zones[0].id: the key stands twice; want it once",
			"y:6:1: foo: unknown key; want one of data, tenant, node, timezone, language, listen, bus, store, zones, flows, assets, sources, parsers, rules, alert, console, log"}},
		"what is missing is named where it would stand": {"zones: [{name: x}]\nsources:\n  - {encoding: auto}\n  - {match: 1.2.3}\n", []string{
			`y:1:9: zones[0].id: found ""; want 1 to 40 letters, digits, - or _`,
			"y:3:5: sources[0].match: missing; want the sender's address or network",
			`y:4:6: sources[1].match: found "1.2.3"; want an address or a network such as 192.0.2.0/24`}},
		"files of TLS": {`listen:
  syslog:
    - {tls: "127.0.0.1:6514"}
    - {tcp: "127.0.0.1:5514", cert: a.pem, key: a.key}
    - {tls: "127.0.0.1:5514", cert: a.pem, key: a.key, client_ca: ca.pem}
    - {tls: "127.0.0.1:1", tcp: "127.0.0.1:2"}
    - {max_line: 1KiB}
    - {relp: "127.0.0.1:2514", client_ca: ca.pem}
    - {relp: "127.0.0.1:2515", cert: a.pem, key: a.key}
    - {relp: "127.0.0.1:5514"}
`, []string{
			`y:3:8: listen.syslog[0].tls: cert or key is missing; want both: {tls: "127.0.0.1:6514", cert: log01.pem, key: log01.key}`,
			`y:4:7: listen.syslog[1]: cert, key or client_ca without tls; want tls or relp in place of udp or tcp, or none of them`,
			`y:5:8: listen.syslog[2].tls: "127.0.0.1:5514" is taken by listen.syslog[1].tcp (127.0.0.1:5514); want an address of its own`,
			`y:6:7: listen.syslog[3]: 2 of udp, tcp, tls, relp and unix; want one of them: {udp: "0.0.0.0:514"}`,
			`y:7:7: listen.syslog[4]: 0 of udp, tcp, tls, relp and unix; want one of them: {udp: "0.0.0.0:514"}`,
			`y:8:8: listen.syslog[5].relp: cert or key is missing; want both: {relp: "127.0.0.1:2514", cert: log01.pem, key: log01.key}`,
			`y:10:8: listen.syslog[7].relp: "127.0.0.1:5514" is taken by listen.syslog[1].tcp (127.0.0.1:5514); want an address of its own`}},
		"certificates of senders": {`listen:
  syslog:
    - {tls: "127.0.0.1:1", cert: a, key: b, client_ca: c, clients: [fw01, web01, fw01, " "], crl: d}
    - {tls: "127.0.0.1:2", cert: a, key: b, clients: [fw01], crl: d}
`, []string{
			`y:3:82: listen.syslog[0].clients[2]: found "fw01"; want each name once, as yagura sources lists it`,
			`y:3:88: listen.syslog[0].clients[3]: found " "; want each name once, as yagura sources lists it`,
			`y:4:45: listen.syslog[1].clients: clients without client_ca; want client_ca: the PEM file of the authority that signs the senders' certificates`,
			`y:4:62: listen.syslog[1].crl: crl without client_ca; want client_ca: the PEM file of the authority whose list it is`}},
		"unix sockets": {`listen:
  syslog:
    - {unix: /run/yagura/log, mode: 0660, owner: "0:0", allow_users: [0, "33"]}
    - {unix: /run/yagura/log, stream: true}
    - {unix: ` + strings.Repeat("long/", 30) + `, mode: 0999, owner: "nobody-here-of-that-name", allow: [192.0.2.1]}
    - {udp: "127.0.0.1:1", stream: true, mode: 0600, owner: ":0", allow_users: [0]}
    - {unix: here, mode: 0066, owner: "", allow_users: ["nobody-here-of-that-name"]}
    - {unix: there, mode: 0o600, owner: "0:"}
`, []string{
			`y:4:8: listen.syslog[1].unix: "/run/yagura/log" is taken by listen.syslog[0].unix (/run/yagura/log); want an address of its own`,
			`y:5:8: listen.syslog[2].unix: a path of 150 bytes; want at most 107: a unix socket has no more`,
			`y:5:166: listen.syslog[2].mode: found "0999"; want a mode in octal such as 0666 or 0660`,
			`y:5:178: listen.syslog[2].owner: found "nobody-here-of-that-name"; want a user of this host, by name or number`,
			`y:5:213: listen.syslog[2].allow: addresses on a unix socket; want allow_users: [root, syslog]`,
			`y:6:28: listen.syslog[3].stream: of a unix socket, which this is not; want it with unix only`,
			`y:6:42: listen.syslog[3].mode: of a unix socket, which this is not; want it with unix only`,
			`y:6:54: listen.syslog[3].owner: of a unix socket, which this is not; want it with unix only`,
			`y:6:67: listen.syslog[3].allow_users: of a unix socket, which this is not; want it with unix only`,
			`y:7:20: listen.syslog[4].mode: found "0066"; want a mode in octal such as 0666 or 0660`,
			`y:7:32: listen.syslog[4].owner: found ""; want USER, USER:GROUP or :GROUP`,
			`y:7:57: listen.syslog[4].allow_users[0]: found "nobody-here-of-that-name"; want a user of this host, by name or number`,
			`y:8:34: listen.syslog[5].owner: found "0:"; want USER, USER:GROUP or :GROUP`}},
		"a device that is none": {"sources: [{match: 192.0.2.1, device: yamaha.rtz}, {match: 192.0.2.2, device: yamaha.rtx}]\n", []string{
			`y:1:30: sources[0].device: found "yamaha.rtz"; want yamaha.rtx`}},
		"a device without its maker": {"sources: [{match: 192.0.2.1, device: FortiGate}, {match: 192.0.2.2, device: winlogbeet}]\n", []string{
			`y:1:30: sources[0].device: found "FortiGate"; want fortinet.fortigate`, `y:1:69: sources[1].device: found "winlogbeet"; want windows.winlogbeat`}},
		"a wrong network once": {"zones:\n  - {id: a, networks: [x, y, 10.1.0.0/16]}\n  - {id: outside, networks: [10.1.0.0/16]}\n", []string{
			`y:2:24: zones[0].networks[0]: found "x"; want an address or a network such as 192.0.2.0/24`,
			`y:2:27: zones[0].networks[1]: found "y"; want an address or a network such as 192.0.2.0/24`,
			`y:3:6: zones[1].id: "outside" is what lies in no zone; want another id`,
			"y:3:30: zones[1].networks[0]: 10.1.0.0/16 is also in zone a; want a network in one zone"}},
		"ports that overlap": {`listen: {syslog: [{udp: "127.0.0.1:5514"}, {udp: "0.0.0.0:5514"}, {tcp: "[::]:8443"}, {tcp: "127.0.0.1:5514"}, {tcp: "127.0.0.2:5514"}, {tcp: "127.0.0.1:0"}, {udp: "127.0.0.1:0"}]}
console: {address: "127.0.0.1:8443"}
store: {address: "127.0.0.1:5514"}
`, []string{
			`y:1:1: listen.agents.https: "127.0.0.1:8443" is taken by listen.syslog[2].tcp ([::]:8443); want an address of its own`,
			`y:1:45: listen.syslog[1].udp: "0.0.0.0:5514" is taken by listen.syslog[0].udp (127.0.0.1:5514); want an address of its own`,
			`y:2:11: console.address: "127.0.0.1:8443" is taken by listen.syslog[2].tcp ([::]:8443); want an address of its own`,
			`y:3:9: store.address: "127.0.0.1:5514" is taken by listen.syslog[3].tcp (127.0.0.1:5514); want an address of its own`}},
		"agents": {"listen:\n  agents: {https: \"8443\", key: a.key, max_body: 1GiB, max_requests: 2, max_per_sender: 3, allow: [a]}\n", []string{
			`y:2:3: listen.agents.cert: only one of cert and key is set; want both, or none: yagura makes its own`,
			`y:2:12: listen.agents.https: found "8443"; want host:port such as 127.0.0.1:8080`,
			`y:2:39: listen.agents.max_body: found 1073741824; want a size from 64KiB to 64MiB`,
			`y:2:72: listen.agents.max_per_sender: 3 is more than max_requests (2); want less`,
			`y:2:99: listen.agents.allow[0]: found "a"; want an address or a network such as 192.0.2.0/24`}},
		"agents' other ports": {`listen: {agents: {beats: "5044", nats: "127.0.0.1:8443", beats_tls: "yes"}}
`, []string{
			`y:1:19: listen.agents.beats: found "5044"; want host:port such as 127.0.0.1:8080`,
			`y:1:34: listen.agents.nats: "127.0.0.1:8443" is taken by listen.agents.https (127.0.0.1:8443); want an address of its own`,
			`y:1:58: listen.agents.beats_tls: found "yes"; want optional, required or certificate`}},
		"servers": {`store: {servers: ["127.0.0.1", "a:9000"], database: "x; y", cluster: "a b"}
bus: {servers: [nats-1, "nats://a:4222", "http://u:secret@x", ""]}
alert: {smtp: {host: "mail.example.jp:25"}}
data: ""
rules: [""]
`, []string{
			`y:1:19: store.servers[0]: found "127.0.0.1"; want host:port such as 127.0.0.1:8080`,
			`y:1:43: store.database: found "x; y"; want 1 to 40 letters, digits, - or _`,
			`y:1:61: store.cluster: found "a b"; want 1 to 40 letters, digits, - or _`,
			"y:2:42: bus.servers[2]: found no address of a server; want nats://host:4222 or tls://host:4222",
			"y:2:63: bus.servers[3]: found no address of a server; want nats://host:4222 or tls://host:4222",
			`y:3:16: alert.smtp.host: found "mail.example.jp:25"; want a host's name; the port is alert.smtp.port`,
			`y:4:1: data: found ""; want a folder`, `y:5:9: rules[0]: found ""; want builtin, a folder or a file`}},
		"an address that no link can begin with": {"console: {url: \"log01:8443\"}\n", []string{
			`y:1:11: console.url: found "log01:8443"; want the address that people open, such as https://log01.example.jp:8443`}},
		"an address that is no base": {"console: {url: \"https://log01/?a=b\"}\n", []string{
			`y:1:11: console.url: found "https://log01/?a=b"; want the address that people open, such as https://log01.example.jp:8443`}},
		"an address with a folder": {"console: {url: \"https://log01/yagura/\"}\n", []string{
			`y:1:11: console.url: found "https://log01/yagura/"; want the address that people open, such as https://log01.example.jp:8443`}},
		"an address behind a proxy": {"console: {url: \"https://log01.example.jp/\"}\n", nil},
		"a list":                    {"- a\n", []string{"y:1:1: yaml: found a list; want keys and values"}},
		"two documents":             {"tenant: a\n---\ntenant: b\n", []string{"y:3:7: yaml: a second document; want one: remove the line ---"}},
		"a tab":                     {"listen:\n\tsyslog: []\n", []string{"y:2:1: yaml: found a tab; want blanks: YAML is not indented with tabs"}},
		"Shift_JIS":                 {"tenant: a\nzones: [{id: a, name: \"\x93\xe0\x95\x94\"}]\n", []string{"y:2:24: file: found bytes that are not UTF-8; save the file as UTF-8"}},
		"UTF-16":                    {"\xff\xfet\x00", []string{"y:1:1: file: found bytes that are not UTF-8; save the file as UTF-8"}},
		"deep":                      {"data: " + strings.Repeat("[", 100_000), []string{"y:1:71: file: more than 64 brackets within brackets; close them"}},
		"byte order mark":           {"\ufefftenant: a\n", nil},
		"carriage returns":          {"tenant: a\r\nlisten:\r\n  syslog:\r\n    - tcp: \"127.0.0.1:1\"\r\n", nil},
		"tags say nothing new":      {"store: {memory: !!str 2GiB, tls: !!bool \"true\"}\n", nil},
		"nothing":                   {"", nil}, "a comment": {"# nothing\n---\n", nil}, "keys alone": {"data:\nlisten:\nzones:\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			_, errs := load(t, c.text)
			if d := cmp.Diff(c.want, errs); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestNumbersHaveBounds(t *testing.T) {
	_, errs := load(t, `bus: {max_bytes: 512, reserve: 10, replicas: -1}
store: {memory: 1MiB, verdict_wait: -1m}
listen: {syslog: [{udp: "127.0.0.1:1", sockets: 99, buffer: 1}, {tcp: "127.0.0.1:1", idle: -5s, max_connections: -1, max_per_address: -2}]}
`)
	var fields []string
	for _, e := range errs {
		fields = append(fields, strings.Join(strings.SplitN(e, ": ", 3)[1:], ": "))
	}
	if d := cmp.Diff([]string{
		"bus.max_bytes: found 512; want a size from 32MiB up",
		"bus.reserve: found 10; want a size from 1MiB up",
		"bus.replicas: found -1; want 1 to 5",
		"store.memory: found 1048576; want a size from 256MiB up",
		"store.verdict_wait: found -1m0s; want a duration from 1s to 1h",
		"listen.syslog[0].sockets: found 99; want 1 to 64",
		"listen.syslog[0].buffer: found 1; want a size from 64KiB to 1GiB",
		"listen.syslog[1].idle: found -5s; want a duration from 1s up",
		"listen.syslog[1].max_connections: found -1; want 1 to 1048576",
		"listen.syslog[1].max_per_address: found -2; want 1 to 1048576",
	}, fields); d != "" {
		t.Error(d)
	}
}

func TestAVariableThatNamesNoKeyIsSaid(t *testing.T) {
	cfg, errs := load(t, "", "YAGURA_CONSOLE_ADRESS=127.0.0.1:1", "YAGURA_BUS_SIZE=1", "YAGURA_ZONES=x", "YAGURA_TENNANT=x",
		"YAGURA_ENGINE_LIB=x", "YAGURA_CONFIG=x", "YAGURA_TOKEN=x", "YAGURA_FAULTS=all", "YAGURA_BIN=x", "YAGURA_VERSION=1", "PATH=x")
	if errs != nil {
		t.Fatal(errs)
	}
	want := []string{
		"environment: YAGURA_CONSOLE_ADRESS: names no key and is ignored; want YAGURA_CONSOLE_ADDRESS",
		"environment: YAGURA_BUS_SIZE: names no key with a single value and is ignored; want one of bus_credentials, bus_ca, bus_max_bytes, bus_reserve, bus_replicas",
		"environment: YAGURA_ZONES: a list cannot be set so, and it is ignored; write it in the file",
		"environment: YAGURA_TENNANT: names no key and is ignored; want YAGURA_TENANT",
	}
	if d := cmp.Diff(want, cfg.Warnings); d != "" {
		t.Error(d)
	}
}

func TestBrokenYAMLNamesTheLine(t *testing.T) {
	_, errs := load(t, "tenant: x\nlisten: [\n")
	if len(errs) != 1 || !strings.HasPrefix(errs[0], "y:2:") {
		t.Error(errs)
	}
	_, errs = load(t, "a: &x 1\ntenant: *x\n")
	if len(errs) != 1 || !strings.Contains(errs[0], "anchor or alias") {
		t.Error(errs)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add("tenant: x\nzones: [{id: a, networks: [10.0.0.0/8]}]")
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), "y.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Skip()
		}
		_, _ = Load(path, nil)
	})
}
