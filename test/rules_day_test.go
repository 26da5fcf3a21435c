package test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"yagura/deploy/demo"
	"yagura/ingest/enrich"
	"yagura/rules"
)

// maxDaily is how many alerts an ordinary day may raise: what one person can read
// and still trust.
const maxDaily = 5

// day writes the lines of an ordinary working day of a body with 300 computers.
type day struct {
	start time.Time
	rand  *rand.Rand
	lines []demo.Line
}

func (d *day) add(at time.Duration, format string, args ...any) {
	d.lines = append(d.lines, demo.Line{Time: d.start.Add(at), Text: fmt.Sprintf(format, args...)})
}

// syslog adds a line with a time and a host in its header.
func (d *day) syslog(at time.Duration, priority int, host, format string, args ...any) {
	d.add(at, "<%d>%s %s %s", priority, d.start.Add(at).Format(time.Stamp), host, fmt.Sprintf(format, args...))
}

func (d *day) windows(at time.Duration, host string, code int, format string, args ...any) {
	d.syslog(at, 13, host, `{"EventTime":"%s","Hostname":"%s","EventID":%d,"SourceName":"Microsoft-Windows-Security-Auditing","Channel":"Security",%s}`,
		d.start.Add(at).Format(time.DateTime), host, code, fmt.Sprintf(format, args...))
}

func (d *day) firewall(at time.Duration, format string, args ...any) {
	now := d.start.Add(at)
	d.add(at, `<189>date=%s time=%s devname="fw-honcho" devid="FGT60F0000000000" tz="+0900" %s`, now.Format(time.DateOnly), now.Format(time.TimeOnly), fmt.Sprintf(format, args...))
}

func (d *day) flow(at time.Duration, from, to string, port, sent, received int, action string) {
	d.firewall(at, `logid="0000000013" type="traffic" subtype="forward" level="notice" vd="root" srcip=%s srcport=%d srcintf="lan" dstip=%s dstport=%d dstintf="wan1" policyid=7 proto=6 action="%s" sentbyte=%d rcvdbyte=%d duration=4`,
		from, 1025+d.rand.IntN(60000), to, port, action, sent, received)
}

// at is a moment between two hours.
func (d *day) at(from, to float64) time.Duration {
	return time.Duration((from + d.rand.Float64()*(to-from)) * float64(time.Hour))
}

func (d *day) every(step time.Duration, do func(at time.Duration)) {
	for at := step / 2; at < 24*time.Hour; at += step {
		do(at)
	}
}

func computer(i int) string { return fmt.Sprintf("10.1.%d.%d", 4+i/200, 10+i%200) }

// people log on, mistype, lock themselves out and mistype at home.
func (d *day) people() {
	for i := range 300 {
		at := d.at(8, 9)
		for range []int{0, 0, 0, 0, 0, 0, 1, 1, 2, 3}[d.rand.IntN(10)] {
			d.windows(at, "dc01", 4771, `"TargetUserName":"u%03d","Status":"0x18","IpAddress":"::ffff:%s"`, i, computer(i))
			d.windows(at, fmt.Sprintf("pc%03d", i), 4625, `"TargetUserName":"u%03d","LogonType":"2","IpAddress":"127.0.0.1","Status":"0xc000006d"`, i)
			at += 9 * time.Second
		}
		d.windows(at, "dc01", 4768, `"TargetUserName":"u%03d","ServiceName":"krbtgt","TicketEncryptionType":"0x12","PreAuthType":"2","Status":"0x0","IpAddress":"::ffff:%s"`, i, computer(i))
		for _, service := range []string{"FS01$", "sv_sql", "sv_old", "PRN01$"} {
			d.windows(at, "dc01", 4769, `"TargetUserName":"u%03d@HONCHO","ServiceName":"%s","TicketEncryptionType":"0x17","Status":"0x0","IpAddress":"::ffff:%s"`, i, service, computer(i))
		}
		for range 6 {
			d.windows(d.at(8, 18), "fs01", 4624, `"TargetUserName":"u%03d","LogonType":"3","IpAddress":"%s"`, i, computer(i))
		}
		if i%30 == 0 {
			d.windows(d.at(8, 18), "dc01", 4625, `"TargetUserName":"PC%03d$","LogonType":"3","IpAddress":"%s","Status":"0xc000006d"`, i, computer(i))
			d.firewall(d.at(18, 22), `logid="0101039426" type="event" subtype="vpn" level="alert" vd="root" action="ssl-login-fail" tunneltype="ssl-web" remip=198.18.0.%d user="u%03d" reason="sslvpn_login_permission_denied"`, i/30, i)
		}
	}
	for k, i := range []int{10, 77, 140, 201} {
		at := time.Duration(8*60+150*k) * time.Minute
		for range 5 {
			d.windows(at, "dc01", 4771, `"TargetUserName":"u%03d","Status":"0x18","IpAddress":"::ffff:%s"`, i, computer(i))
			at += 14 * time.Second
		}
		d.windows(at, "dc01", 4740, `"TargetUserName":"u%03d","TargetDomainName":"PC%03d"`, i, i)
	}
	d.every(20*time.Minute, func(at time.Duration) {
		d.windows(at, "fs01", 4625, `"TargetUserName":"scan","LogonType":"3","IpAddress":"10.1.0.207","Status":"0xc000006d"`)
	})
}

// programs distribute software, scan, watch, back up and fetch configurations.
func (d *day) programs() {
	for i := range 300 {
		at := 12*time.Hour + time.Duration(i)*3*time.Second
		pc := fmt.Sprintf("pc%03d", i)
		d.windows(at, pc, 4688, `"SubjectUserName":"%s$","NewProcessName":"C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe","CommandLine":"powershell -EncodedCommand %s","ParentProcessName":"C:\\Windows\\CCM\\CcmExec.exe"`, pc, "SQBuAHYAbwBrAGUALQBVAHAAZABhAHQAZQAgAC0AQQBsAGwAIAAtAFEAdQBpAGUAdAA=")
		d.windows(at, pc, 4698, `"SubjectUserName":"%s$","TaskName":"\\Update","TaskContent":"<Exec><Command>C:\\Program Files\\Maker\\update.exe</Command></Exec>"`, pc)
		d.windows(at, pc, 6416, `"DeviceId":"USB\\VID_04F9&PID_0042\\A1","ClassName":"USB"`)
		d.flow(at, "10.1.0.61", computer(i), 445, 5000, 9000, "close")
	}
	for host := range 40 {
		for port := range 40 {
			d.flow(2*time.Hour+time.Duration(host*40+port)*time.Second, "10.1.0.99", fmt.Sprintf("10.1.1.%d", host+1), 20+port*7, 60, 40, "close")
		}
	}
	for i := range 12 {
		at := 3*time.Hour + time.Duration(i)*20*time.Second
		d.add(at, "<189>%d: sw%02d: %s.123 JST: %%SEC_LOGIN-5-LOGIN_SUCCESS: Login Success [user: rancid] [Source: 10.1.0.60] [localport: 22] at 03:00:00 JST Wed Nov 25 2026", 100+i, i, d.start.Add(at).Format(time.Stamp))
	}
	d.every(5*time.Minute, func(at time.Duration) {
		for i := range 10 {
			d.flow(at+time.Duration(i)*time.Second, "10.1.0.60", fmt.Sprintf("10.1.1.%d", i+1), 161, 90, 90, "accept")
			d.syslog(at, 38, fmt.Sprintf("sv%02d", i), "sshd[%d]: Connection closed by 10.1.0.60 port %d [preauth]", 900+i, 40000+i)
		}
	})
}

// servers run their jobs at night; administrators work on them by day.
func (d *day) servers() {
	for i := range 7 {
		host := fmt.Sprintf("sv%02d", i)
		d.every(time.Hour, func(at time.Duration) {
			d.syslog(at, 78, host, "CRON[3]: (root) CMD (cd / && run-parts --report /etc/cron.hourly)")
		})
		night := 2*time.Hour + 30*time.Minute
		d.syslog(night, 78, host, "CRON[4]: (root) CMD (/usr/local/sbin/backup.sh > /tmp/backup.log 2>&1)")
		d.syslog(night+time.Minute, 78, host, `CRON[4]: (root) CMD (find /tmp -name "sess_*" -mtime +3 -delete)`)
		d.syslog(night+2*time.Minute, 38, host, "sshd[5]: Accepted publickey for backup from 10.1.0.62 port 50000 ssh2: ED25519 SHA256:abc")
		d.syslog(6*time.Hour, 30, host, "systemd[1]: Stopped cron.service - Regular background program processing daemon.")
		work := d.at(9, 17)
		d.syslog(work, 38, host, "sshd[6]: Failed password for kanri from 10.1.0.20 port 50100 ssh2")
		d.syslog(work+9*time.Second, 38, host, "sshd[6]: Accepted password for kanri from 10.1.0.20 port 50100 ssh2")
		d.syslog(work+time.Minute, 85, host, "sudo:    kanri : TTY=pts/0 ; PWD=/home/kanri ; USER=root ; COMMAND=/usr/bin/journalctl --vacuum-time=30d")
	}
	d.syslog(11*time.Hour, 14, "ups01", "UPS: Passed a self-test. 0x0105")
}

// internet is what people fetch and send, and what the internet sends unasked.
func (d *day) internet() {
	for i := range 300 {
		for range 12 {
			at := d.at(8, 18)
			d.syslog(at, 134, "proxy01", "squid[9]: %d.250 90 %s TCP_TUNNEL/200 %d CONNECT site%d.example.com:443 - HIER_DIRECT/203.0.113.%d -", d.start.Add(at).Unix(), computer(i), 3000+d.rand.IntN(90000), d.rand.IntN(400), 1+d.rand.IntN(250))
			d.syslog(at, 30, "ns1", "named[7]: client @0x7f0c %s#61568 (x): query: d%d.cloudfront.net IN A +E(0)K (10.1.0.53)", computer(i), d.rand.IntN(9999))
		}
	}
	for range 3000 {
		d.flow(d.at(8, 18), computer(d.rand.IntN(300)), fmt.Sprintf("203.0.113.%d", 1+d.rand.IntN(250)), 443, 600+d.rand.IntN(80000), 3000+d.rand.IntN(900000), "close")
		d.flow(d.at(0, 24), fmt.Sprintf("%d.%d.7.9", 11+d.rand.IntN(80), d.rand.IntN(250)), "198.51.100.1", []int{22, 23, 445, 3389, 8080, 5555}[d.rand.IntN(6)], 0, 0, "deny")
	}
	d.every(15*time.Second, func(at time.Duration) {
		d.add(at, `198.18.66.%d - - [%s] "GET /archive/%d.html HTTP/1.1" %d 400 "-" "Mozilla/5.0 (compatible; crawler)"`, 1+int(at.Seconds())%9, d.start.Add(at).Format("02/Jan/2006:15:04:05 -0700"), int(at.Seconds()), []int{200, 404, 404, 301}[d.rand.IntN(4)])
	})
	d.every(5*time.Minute, func(at time.Duration) {
		d.syslog(at, 22, "mx01", "dovecot: imap-login: Disconnected (auth failed, 1 attempts in 2 secs): user=<u033>, method=PLAIN, rip=192.0.2.33, lip=10.1.0.25, session=<q>")
		d.syslog(at, 22, "mx01", "postfix/smtpd[8]: NOQUEUE: reject: RCPT from unknown[%d.9.3.4]: 554 5.7.1 blocked using zen.example.org; from=<x@example.net> to=<info@example.jp> proto=ESMTP helo=<x>", 20+d.rand.IntN(200))
	})
}

func TestAnOrdinaryDayIsQuiet(t *testing.T) {
	b := newBody(t)
	cfg := enrich.Config{Assets: []enrich.Asset{
		{Address: netip.MustParsePrefix("10.1.0.99/32"), Name: "脆弱性診断サーバ"},
		{Address: netip.MustParsePrefix("10.1.0.60/32"), Name: "監視サーバ"},
		{Address: netip.MustParsePrefix("10.1.0.61/32"), Name: "資産管理サーバ"},
	}}
	for id, network := range rules.TestZones() {
		cfg.Zones = append(cfg.Zones, enrich.Zone{ID: id, Networks: []netip.Prefix{network}})
	}
	var err error
	if b.zones, err = enrich.New(cfg); err != nil {
		t.Fatal(err)
	}
	d := &day{start: time.Date(2026, 11, 25, 0, 0, 0, 0, b.zone), rand: rand.New(rand.NewPCG(1, 2))}
	d.people()
	d.programs()
	d.servers()
	d.internet()
	slices.SortStableFunc(d.lines, func(x, y demo.Line) int { return x.Time.Compare(y.Time) })
	alerts := b.playBlocks(t, d.lines, 1000)
	for _, a := range alerts {
		t.Log(a.RuleID, a.Group, a.Reason)
	}
	if len(alerts) > maxDaily {
		t.Errorf("%d alerts of %d lines; want at most %d", len(alerts), len(d.lines), maxDaily)
	}
}

// A story whose lines come twice, or up to half a minute late, raises the same.
func TestBentStoriesRaiseTheirAlerts(t *testing.T) {
	stories, err := demo.Stories()
	if err != nil {
		t.Fatal(err)
	}
	b := newBody(t)
	end := time.Date(2026, 11, 24, 14, 0, 0, 0, b.zone)
	for _, s := range stories {
		lines := s.Lines(end)
		twice := make([]demo.Line, 0, 2*len(lines))
		for _, l := range lines {
			twice = append(twice, l, l)
		}
		late := make([]demo.Line, len(lines))
		order := make(map[string]time.Time, len(lines))
		r := rand.New(rand.NewPCG(3, 4))
		for i, l := range lines {
			late[i] = l
			order[l.Text] = l.Time.Add(time.Duration(r.IntN(30)) * time.Second)
		}
		slices.SortStableFunc(late, func(x, y demo.Line) int { return order[x.Text].Compare(order[y.Text]) })
		for name, bent := range map[string][]demo.Line{"twice": twice, "late": late} {
			t.Run(s.Name+"/"+name, func(t *testing.T) {
				count := map[string]int{}
				for _, a := range b.play(t, bent) {
					count[a.RuleID]++
				}
				for _, id := range s.Rules {
					if count[id] == 0 {
						t.Errorf("no alert of %s; got %v", id, count)
					}
				}
				if len(s.Rules) == 0 && len(count) > 0 {
					t.Errorf("alerts %v of a quiet story", count)
				}
			})
		}
	}
}
