package test

import (
	"regexp"
	"testing"
	"time"

	"github.com/influxdata/go-syslog/v3/rfc3164"

	"yagura/ingest/parse"
	"yagura/internal/event"
)

// families are lines as these devices write them, each with the expression that a
// person would write who wants the fields that yagura sets: beside it is measured.
var families = []struct{ name, line, pattern string }{
	{"sshd", "<38>Nov 25 10:02:11 web02 sshd[40211]: Failed password for invalid user oracle from 203.0.113.77 port 40822 ssh2",
		`^(Accepted|Failed) (\w+) for (invalid user )?(\S+) from (\S+) port (\d+)`},
	{"sudo", "<86>Nov 25 10:02:12 web02 sudo[812]:   yamada : TTY=pts/1 ; PWD=/home/yamada ; USER=root ; COMMAND=/usr/bin/less /var/log/messages",
		`^\s*(\S+) : TTY=(\S+) ; PWD=(\S+) ; USER=(\S+) ; COMMAND=(.*)$`},
	{"postfix", "<22>Nov 25 10:02:13 mx02 postfix/smtp[2201]: 7C3E1B0D44: to=<a.suzuki@example.jp>, relay=mx.example.net[198.51.100.40]:25, delay=1.2, delays=0.1/0/0.4/0.7, dsn=2.0.0, status=sent (250 2.0.0 Ok)",
		`^(\w+): to=<([^>]*)>, relay=([^\[]*)\[([^\]]*)\]:(\d+), delay=([\d.]+), .*dsn=([\d.]+), status=(\w+)`},
	{"fortigate", mix[0], `devname="?([^" ]*)"? devid="?([^" ]*)"? logid="?([^" ]*)"? type="?([^" ]*)"? subtype="?([^" ]*)"? level="?([^" ]*)"? .*?srcip=(\S+) srcport=(\d+) srcintf="?([^" ]*)"? dstip=(\S+) dstport=(\d+) dstintf="?([^" ]*)"? sessionid=(\S+) proto=(\d+) action="?([^" ]*)"? policyid=(\d+) service="?([^" ]*)"? sentbyte=(\d+) rcvdbyte=(\d+) duration=(\d+)`},
	{"asa", "<166>Nov 25 10:02:14 asa02 : %ASA-6-302014: Teardown TCP connection 88123 for outside:198.51.100.9/443 to inside:10.1.3.14/51002 duration 0:00:12 bytes 5120 TCP FINs",
		`%ASA-(\d)-(\d+): (\w+) (\w+) connection (\d+) for (\S+):(\S+)/(\d+) to (\S+):(\S+)/(\d+) duration (\S+) bytes (\d+) (.*)$`},
	{"yamaha", "<134>Nov 25 10:02:15 rtx02 [INSPECT] LAN2[out][101099] TCP 10.1.5.6:50231 > 198.51.100.8:443 (2026/11/25 10:02:01)",
		`^\[INSPECT\] (\w+)\[(\w+)\]\[(\d+)\] (\w+) (\S+):(\d+) > (\S+):(\d+) \(([^)]*)\)`},
	{"squid", "<30>Nov 25 10:02:16 proxy02 squid[911]: 1795568536.345     12 10.1.4.34 TCP_MISS/200 1820 GET http://www.example.jp/a.html suzuki HIER_DIRECT/198.51.100.5 text/html",
		`^(\d+\.\d+)\s+(\d+) (\S+) (\w+)/(\d+) (\d+) (\w+) (\S+) (\S+) (\w+)/(\S+) (\S+)`},
	{"netfilter", "<4>Nov 25 10:02:17 gw02 kernel: [88123.123456] DROP IN=eth1 OUT=eth0 MAC=00:00:5e:00:53:01:00:00:5e:00:53:02:08:00 SRC=10.1.9.4 DST=198.51.100.60 LEN=60 TOS=0x00 PREC=0x00 TTL=63 ID=4711 DF PROTO=TCP SPT=51514 DPT=443 WINDOW=64240 RES=0x00 SYN URGP=0",
		`IN=(\S*) OUT=(\S*) MAC=(\S+) SRC=(\S+) DST=(\S+) LEN=(\d+) .*TTL=(\d+) .*PROTO=(\w+) SPT=(\d+) DPT=(\d+)`},
	{"bind", "<30>Nov 25 10:02:18 ns02 named[611]: client @0x7f3a5c0 10.1.2.9#53122 (www.example.jp): query: www.example.jp IN A +E(0)K (10.1.0.53)",
		`client @\S+ (\S+)#(\d+) \(([^)]*)\): query: (\S+) (\w+) (\w+) (\S+) \((\S+)\)`},
	{"windows", `<14>Nov 25 10:02:19 ad02 winlog: {"EventID":4625,"Channel":"Security","Computer":"ad02.example.jp","EventRecordID":99213,"TargetUserName":"sato","TargetDomainName":"EXAMPLE","IpAddress":"10.1.6.7","IpPort":"51777","LogonType":"3","Status":"0xc000006d","SubStatus":"0xc000006a"}`,
		`"EventID":(\d+),"Channel":"([^"]*)","Computer":"([^"]*)","EventRecordID":(\d+),"TargetUserName":"([^"]*)","TargetDomainName":"([^"]*)","IpAddress":"([^"]*)","IpPort":"([^"]*)","LogonType":"([^"]*)","Status":"([^"]*)","SubStatus":"([^"]*)"`},
	{"cef", "<14>Nov 25 10:02:20 av02 CEF:0|Example|Shield|5.1|4000000|Malware found|8|src=10.1.7.9 suser=kato fname=a.exe filePath=C:\\\\Temp\\\\a.exe act=quarantine cs1=Trojan.Generic cs1Label=Name",
		`^CEF:0\|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|src=(\S+) suser=(\S+) fname=(\S+) filePath=(\S+) act=(\S+) cs1=(\S+)`},
	{"auditd", `<13>Nov 25 10:02:21 db02 audispd: type=USER_LOGIN msg=audit(1795568541.123:4711): pid=9912 uid=0 auid=1001 ses=12 msg='op=login id=1001 exe="/usr/sbin/sshd" hostname=10.1.6.2 addr=10.1.6.2 terminal=/dev/pts/2 res=success'`,
		`type=(\w+) msg=audit\((\d+\.\d+):(\d+)\): pid=(\d+) uid=(\d+) auid=(\d+) ses=(\d+) msg='op=(\S+) id=(\d+) exe="([^"]*)" hostname=(\S+) addr=(\S+) terminal=(\S+) res=(\w+)`},
}

// BenchmarkParseBeside parses a line of each family into typed fields, and beside it the
// same line by go-syslog and one expression, whose groups stay text.
func BenchmarkParseBeside(b *testing.B) {
	for _, f := range families {
		line := []byte(regexp.MustCompile("#|@").ReplaceAllStringFunc(f.line, func(s string) string {
			if f.name != "fortigate" {
				return s
			}
			return map[string]string{"#": "88124", "@": "Nov 25 10:02:14"}[s]
		}))
		var ours, theirs time.Duration
		b.Run(f.name+"/yagura", func(b *testing.B) { ours = besideYagura(b, line) })
		b.Run(f.name+"/go-syslog+regexp", func(b *testing.B) {
			theirs = besideOthers(b, line, regexp.MustCompile(f.pattern))
			b.ReportMetric(float64(theirs)/float64(max(ours, 1)), "times-yagura")
		})
	}
}

func besideYagura(b *testing.B, line []byte) time.Duration {
	p, d, at := parse.New(), &event.Draft{}, time.Date(2026, 11, 25, 1, 2, 30, 0, time.UTC)
	b.ReportAllocs()
	for b.Loop() {
		d.Reset(line)
		d.Received = at
		p.Parse(d, nil)
	}
	if d.Flags&event.FlagUnparsed != 0 {
		b.Error("not understood")
	}
	return b.Elapsed() / time.Duration(b.N)
}

func besideOthers(b *testing.B, line []byte, pattern *regexp.Regexp) time.Duration {
	header := rfc3164.NewParser(rfc3164.WithBestEffort())
	found := false
	b.ReportAllocs()
	for b.Loop() {
		m, _ := header.Parse(line)
		text := string(line)
		if s, ok := m.(*rfc3164.SyslogMessage); ok && s.Message != nil {
			text = *s.Message
		}
		found = pattern.FindStringSubmatch(text) != nil
	}
	if !found {
		b.Error("the expression does not fit")
	}
	return b.Elapsed() / time.Duration(b.N)
}
