package parse

import (
	"testing"

	"github.com/influxdata/go-syslog/v3/rfc3164"
	"github.com/influxdata/go-syslog/v3/rfc5424"
)

const (
	benchSSHD     = "<38>Nov 24 11:15:42 srv01 sshd[4321]: Failed password for invalid user admin from 203.0.113.9 port 40022 ssh2"
	benchSudo     = "<85>Nov 24 11:15:42 srv01 sudo:   tanaka : TTY=pts/0 ; PWD=/home/tanaka ; USER=root ; COMMAND=/bin/systemctl restart nginx"
	bench5424     = `<165>1 2026-11-24T11:15:42.123456+09:00 srv01.example.jp app 4321 ID47 [origin@32473 ip="192.0.2.1" software="app"][meta sequenceId="29"] user tanaka opened the door of room 7`
	benchNetfiler = "<4>Nov 24 11:15:42 gw kernel: [1.5] [UFW BLOCK] IN=eth0 OUT= MAC=52:54:00:11:22:33:52:54:00:44:55:66:08:00 SRC=203.0.113.9 DST=192.0.2.2 LEN=44 TOS=0x00 PREC=0x00 TTL=240 ID=1 PROTO=TCP SPT=40000 DPT=3389 WINDOW=1024 RES=0x00 SYN URGP=0"
	benchSquid    = "<134>Nov 24 11:15:44 proxy01 squid[5]: 1795486542.250    382 192.0.2.13 TCP_MISS/200 4646 GET http://www.example.com/a.js tanaka HIER_DIRECT/198.51.100.7 application/javascript"
	benchPostfix  = "<22>Nov 24 11:15:42 mx1 postfix/smtpd[2345]: NOQUEUE: reject: RCPT from mail.example.com[203.0.113.25]: 550 5.1.1 <nobody@example.jp>: Recipient address rejected: User unknown; from=<a@example.com> to=<nobody@example.jp> proto=ESMTP helo=<mail>"
	benchWeb      = `<190>Nov 24 11:15:42 web01 nginx: 192.0.2.7 - - [24/Nov/2026:11:15:43 +0900] "GET /index.html?a=1 HTTP/1.1" 200 5120 "https://example.jp/" "Mozilla/5.0"`
	benchBIND     = "<30>Nov 24 11:15:42 ns1 named[1234]: client @0x7f0c74087120 192.0.2.3#61568 (example.jp): query: example.jp IN AAAA +E(0)K (192.0.2.53)"
)

func BenchmarkSSHD(b *testing.B)      { benchLine(b, benchSSHD) }
func BenchmarkSudo(b *testing.B)      { benchLine(b, benchSudo) }
func BenchmarkNetfilter(b *testing.B) { benchLine(b, benchNetfiler) }
func BenchmarkSquid(b *testing.B)     { benchLine(b, benchSquid) }
func BenchmarkPostfix(b *testing.B)   { benchLine(b, benchPostfix) }
func BenchmarkWeb(b *testing.B)       { benchLine(b, benchWeb) }
func BenchmarkBIND(b *testing.B)      { benchLine(b, benchBIND) }

// BenchmarkHeader5424 ends at the header: no family knows the program.
func BenchmarkHeader5424(b *testing.B) {
	p, line := New(), []byte(bench5424)
	d := newDraft(bench5424)
	b.ReportAllocs()
	for b.Loop() {
		d.Reset(line)
		d.Received = received
		p.Parse(d, nil)
	}
}

// The reference, header only.
func BenchmarkGoSyslog3164(b *testing.B) {
	m, line := rfc3164.NewParser(rfc3164.WithBestEffort()), []byte(benchSSHD)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.Parse(line); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGoSyslog5424(b *testing.B) {
	m, line := rfc5424.NewParser(rfc5424.WithBestEffort()), []byte(bench5424)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.Parse(line); err != nil {
			b.Fatal(err)
		}
	}
}
