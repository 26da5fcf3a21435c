package detect

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"yagura/internal/event"
)

// mix is a day's mixture as parsers give it: mostly firewall, sshd, proxy and mail
// lines, some Windows events.
func mix(t testing.TB, n int) *event.Block {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	ip := func() string { return fmt.Sprintf("10.%d.%d.%d", r.IntN(4), r.IntN(250), 1+r.IntN(250)) }
	user := func() string { return fmt.Sprintf("user%03d", r.IntN(300)) }
	events := make([]ev, n)
	for i := range events {
		var f map[string]any
		switch i % 8 {
		case 0, 1:
			f = map[string]any{"yagura.parser": "fortinet.fortigate", "observer.name": "fw01", "observer.vendor": "Fortinet", "observer.product": "FortiGate", "observer.type": "firewall",
				"event.category": "network", "event.type": "allowed", "event.action": "accept", "event.code": "0000000013", "source.ip": ip(), "source.port": int64(r.IntN(60000)), "destination.ip": ip(),
				"destination.port": int64(443), "network.transport": "tcp", "network.bytes": int64(r.IntN(100000)), "source.bytes": int64(r.IntN(5000)), "destination.bytes": int64(r.IntN(90000)),
				"fortinet.type": "traffic", "fortinet.subtype": "forward", "fortinet.service": "HTTPS", "rule.id": "12", "network.direction": "outbound", "yagura.source.zone": "lgwan", "yagura.destination.zone": "internet",
				"event.original": `date=2026-11-24 time=12:00:01 devname="fw01" devid="FGT60F0000000001" logid="0000000013" type="traffic" subtype="forward" level="notice" vd="root" srcip=10.1.2.3 srcport=51234 srcintf="lan" dstip=203.0.113.9 dstport=443 dstintf="wan1" action="accept" policyid=12 service="HTTPS" sentbyte=1200 rcvdbyte=56000`}
		case 2, 3:
			u, a := user(), ip()
			f = map[string]any{"yagura.parser": "openssh.sshd", "process.name": "sshd", "process.pid": int64(r.IntN(60000)), "host.name": "bastion", "event.category": "authentication", "event.action": "login",
				"event.outcome": "success", "source.ip": a, "source.port": int64(r.IntN(60000)), "user.name": u, "log.syslog.facility.name": "authpriv", "network.direction": "internal",
				"event.original": "<86>Nov 24 12:00:01 bastion sshd[4821]: Accepted publickey for " + u + " from " + a + " port 50222 ssh2: ED25519 SHA256:Zm9vYmFyYmF6cXV4"}
		case 4:
			u := fmt.Sprintf("http://www.example%d.jp/path/%d/index.html?id=%d", r.IntN(500), r.IntN(100), r.IntN(10000))
			f = map[string]any{"yagura.parser": "squid", "source.ip": ip(), "event.action": "tcp_miss", "http.request.method": "GET", "url.original": u, "url.domain": u[7:22], "http.response.bytes": int64(2014),
				"http.response.status_code": int64(200), "event.type": "allowed", "user_agent.original": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36", "network.direction": "outbound",
				"event.original": "1764000001.530      3 10.0.0.1 TCP_MISS/200 2014 GET " + u + " - HIER_DIRECT/203.0.113.4 text/html"}
		case 5:
			f = map[string]any{"yagura.parser": "postfix", "process.name": "postfix/smtpd", "process.pid": int64(r.IntN(60000)), "host.name": "mail", "event.action": "connect", "source.ip": ip(), "source.domain": "mx.example.jp",
				"event.original": "<22>Nov 24 12:00:01 mail postfix/smtpd[3311]: connect from mx.example.jp[203.0.113.8]"}
		case 6:
			f = map[string]any{"yagura.parser": "windows.winlogbeat", "winlog.channel": "Security", "winlog.provider_name": "Microsoft-Windows-Security-Auditing", "event.provider": "Microsoft-Windows-Security-Auditing", "event.code": "4624",
				"host.name": "DC01", "winlog.computer_name": "DC01", "winlog.event_data.TargetUserName": user(), "winlog.event_data.SubjectUserName": "DC01$", "winlog.event_data.LogonType": "3", "winlog.event_data.IpAddress": ip(),
				"winlog.event_data.AuthenticationPackageName": "Kerberos", "winlog.event_data.LogonProcessName": "Kerberos", "winlog.event_data.TargetDomainName": "CITY", "source.ip": ip(), "user.name": user(), "event.action": "logged-in", "event.outcome": "success",
				"event.original": `{"@timestamp":"2026-11-24T03:00:01Z","winlog":{"channel":"Security","event_id":4624,"event_data":{"TargetUserName":"user001","LogonType":"3"}},"message":"An account was successfully logged on."}`}
		default:
			f = map[string]any{"yagura.parser": "dns.bind", "process.name": "named", "source.ip": ip(), "source.port": int64(r.IntN(60000)), "dns.question.name": fmt.Sprintf("host%d.example%d.co.jp", r.IntN(50), r.IntN(50)), "dns.question.type": "A", "dns.question.class": "IN",
				"event.original": "24-Nov-2026 12:00:01.123 client @0x7f 10.0.0.5#5353 (host1.example1.co.jp): query: host1.example1.co.jp IN A + (10.0.0.1)"}
		}
		events[i] = ev{float64(i) * 0.001, f}
	}
	return blocksOf(t, n, events...)[0]
}

// processes are events of program starts, the field-rich kind that most of
// SigmaHQ's rules ask about.
func processes(t testing.TB, n int) *event.Block {
	t.Helper()
	r := rand.New(rand.NewPCG(3, 4))
	images := []string{`C:\Windows\System32\svchost.exe`, `C:\Program Files\Google\Chrome\Application\chrome.exe`, `C:\Windows\System32\cmd.exe`, `C:\Windows\explorer.exe`, `C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe`}
	args := []string{`-k netsvcs -p -s Schedule`, `--type=renderer --field-trial-handle=1718,i,1 --lang=ja`, `/c dir C:\Users\user001\Documents`, ``, `-NoProfile -File C:\Scripts\backup.ps1 -Target D:\backup`}
	events := make([]ev, n)
	for i := range events {
		k := r.IntN(len(images))
		events[i] = ev{float64(i) * 0.001, map[string]any{"yagura.parser": "windows.winlogbeat", "winlog.channel": "Microsoft-Windows-Sysmon/Operational", "winlog.provider_name": "Microsoft-Windows-Sysmon", "event.code": "1",
			"host.name": "PC0123", "winlog.computer_name": "PC0123.city.local", "winlog.event_data.Image": images[k], "winlog.event_data.CommandLine": `"` + images[k] + `" ` + args[k], "winlog.event_data.ParentImage": `C:\Windows\System32\services.exe`,
			"winlog.event_data.ParentCommandLine": `C:\Windows\system32\services.exe`, "winlog.event_data.User": `CITY\user001`, "winlog.event_data.IntegrityLevel": "Medium", "winlog.event_data.OriginalFileName": "svchost.exe",
			"winlog.event_data.Hashes": "SHA256=9F2B5C1E0A7D4C3B8E6F1A2D3C4B5A69788796A5B4C3D2E1F00F1E2D3C4B5A69,IMPHASH=0A1B2C3D4E5F60718293A4B5C6D7E8F9", "winlog.event_data.CurrentDirectory": `C:\Windows\system32\`,
			"winlog.event_data.Company": "Microsoft Corporation", "winlog.event_data.Description": "Host Process for Windows Services", "winlog.event_data.ProcessId": int64(r.IntN(9000)), "user.name": "user001",
			"event.original": `{"winlog":{"channel":"Microsoft-Windows-Sysmon/Operational","event_id":1}}`}}
	}
	return blocksOf(t, n, events...)[0]
}

// ownShape is a set of thirty rules as yagura's own are.
func ownShape() string {
	var b strings.Builder
	b.WriteString(sshRules)
	for i := range 30 {
		fmt.Fprintf(&b, "---\ntitle: own %d\nid: own-%d\nlevel: medium\nlogsource: %s\ndetection:\n  sel:\n    %s\n  filter_zone: {yagura.source.zone: management}\n  condition: sel and not filter_zone\n", i, i,
			[]string{"{category: firewall}", "{product: windows, service: security}", "{product: linux, service: sshd}", "{category: proxy}", "{product: linux}", "{category: dns}"}[i%6],
			[]string{"destination.port: [23, 445, 3389]\n    network.direction: outbound\n    event.type: denied", "EventID: [1102, 4720, 4732]\n    SubjectUserName|endswith: adm", "event.outcome: failure\n    user.name|startswith: [root, admin]",
				"url.domain|endswith: ['.onion.example', '.dyn.example']\n    c-useragent|contains: [curl, python]", "message|contains: [segfault, 'Out of memory', 'usb 1-']", "query|endswith: ['.xyz.example', '.top.example']\n    record_type: TXT"}[i%6])
	}
	return b.String()
}

// hqShape is a set of n rules shaped like SigmaHQ's, with words made up here.
func hqShape(n int) string {
	r := rand.New(rand.NewPCG(5, 6))
	word := func() string {
		s := ""
		for range 2 + r.IntN(3) {
			s += []string{"ra", "to", "shell", "mi", "dump", "co", "net", "lo", "ver", "sta", "\\", "-", "pro", "exe"}[r.IntN(14)]
		}
		return s
	}
	list := func(n int) string {
		words := make([]string, n)
		for i := range words {
			words[i] = "'" + word() + "'"
		}
		return "[" + strings.Join(words, ", ") + "]"
	}
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "---\ntitle: hq %d\nid: hq-%d\nlevel: medium\n", i, i)
		switch k := r.IntN(10); {
		case k < 5:
			fmt.Fprintf(&b, "logsource: {product: windows, category: process_creation}\ndetection:\n  sel_img:\n    - Image|endswith: '\\%s.exe'\n    - OriginalFileName: '%s.exe'\n  sel_cli:\n    CommandLine|contains|all: %s\n  filter_main:\n    ParentImage|startswith: 'C:\\Program Files\\'\n  condition: all of sel_* and not 1 of filter_*\n", word(), word(), list(2))
		case k < 7:
			fmt.Fprintf(&b, "logsource: {product: windows, category: %s}\ndetection:\n  sel:\n    TargetFilename|contains: %s\n  condition: sel\n", []string{"file_event", "registry_set", "image_load"}[r.IntN(3)], list(4))
		case k < 8:
			fmt.Fprintf(&b, "logsource: {product: windows, service: security}\ndetection:\n  sel:\n    EventID: %d\n    ServiceName|contains: %s\n  condition: sel\n", 4600+r.IntN(200), list(3))
		case k < 9:
			fmt.Fprintf(&b, "logsource: {category: %s}\ndetection:\n  sel:\n    c-uri|contains: %s\n    cs-method: GET\n  condition: sel\n", []string{"proxy", "webserver"}[r.IntN(2)], list(5))
		default:
			fmt.Fprintf(&b, "logsource: {product: linux}\ndetection:\n  keywords: %s\n  condition: keywords\n", list(4))
		}
	}
	return b.String()
}

// cpuTime is what the process has used: other processes disturb it little.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func benchmark(b *testing.B, p *Program, block *event.Block) {
	e := NewEngine(p, EngineConfig{})
	hits := 0
	b.ReportAllocs()
	start := cpuTime()
	for b.Loop() {
		v, _ := e.Block(block, 1)
		hits = len(v.Hits)
	}
	b.ReportMetric(float64(cpuTime()-start)/float64(b.N)/float64(block.Len()), "cpu-ns/event")
	b.ReportMetric(float64(hits)/float64(block.Len()), "hits/event")
}

// BenchmarkOwnRules uses rules shaped like yagura's, and those that are shipped.
func BenchmarkOwnRules(b *testing.B) {
	b.Run("shape", func(b *testing.B) { benchmark(b, mustLoad(b, ownShape()), mix(b, 4000)) })
	b.Run("shipped", func(b *testing.B) {
		p, _ := Load(LoadConfig{Mapping: os.DirFS("../rules/mapping")}, Source{FS: os.DirFS("../rules")})
		benchmark(b, p, mix(b, 4000))
	})
}

func BenchmarkHQShape(b *testing.B) {
	p := mustLoad(b, hqShape(3000))
	b.Run("mix", func(b *testing.B) { benchmark(b, p, mix(b, 4000)) })
	b.Run("processes", func(b *testing.B) { benchmark(b, p, processes(b, 4000)) })
}

// BenchmarkSigmaHQ uses the real rules of a checkout that the variable names.
func BenchmarkSigmaHQ(b *testing.B) {
	_, sources := hqSources(b)
	p, _ := Load(LoadConfig{Mapping: os.DirFS("../rules/mapping")}, sources...)
	b.Run("mix", func(b *testing.B) { benchmark(b, p, mix(b, 4000)) })
	b.Run("processes", func(b *testing.B) { benchmark(b, p, processes(b, 4000)) })
}
