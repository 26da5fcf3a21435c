package test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A day of one address: PC-0044 and Sato have it in the morning, PC-0099 and Kimura
// in the afternoon, a VPN user has another one.
const addressDay = `Nov 12 08:31:02 dhcp01 dhcpd[811]: DHCPACK on 10.1.7.44 to 00:1b:8b:0a:0b:0c (PC-0044) via eth0
Nov 12 08:35:40 files01 sshd[4001]: Accepted password for sato from 10.1.7.44 port 50211 ssh2
Nov 12 11:31:02 dhcp01 dhcpd[811]: DHCPACK on 10.1.7.44 to 00:1b:8b:0a:0b:0c (PC-0044) via eth0
Nov 12 12:05:00 dhcp01 dhcpd[811]: DHCPRELEASE of 10.1.7.44 from 00:1b:8b:0a:0b:0c (PC-0044) via eth0 (found)
Nov 12 13:00:09 dhcp01 dhcpd[811]: DHCPACK on 10.1.7.44 to 00:1b:8b:77:88:99 (PC-0099) via eth0
{"@timestamp":"2026-11-12T04:02:00Z","event":{"code":"4768"},"host":{"name":"dc01"},"winlog":{"channel":"Security","event_id":"4768","provider_name":"Microsoft-Windows-Security-Auditing","computer_name":"dc01","event_data":{"TargetUserName":"PC-0099$","TargetDomainName":"CITY","IpAddress":"::ffff:10.1.7.44","Status":"0x0"}}}
{"@timestamp":"2026-11-12T04:03:00Z","event":{"code":"4624"},"host":{"name":"dc01"},"winlog":{"channel":"Security","event_id":"4624","provider_name":"Microsoft-Windows-Security-Auditing","computer_name":"dc01","event_data":{"TargetUserName":"kimura","TargetDomainName":"CITY","LogonType":"3","IpAddress":"10.1.7.44","IpPort":"50000","WorkstationName":"PC-0099"}}}
Nov 12 13:05:00 files01 sshd[4007]: Failed password for tanaka from 10.1.7.44 port 50213 ssh2
Nov 12 09:10:00 vpn01 openvpn[2]: mori/203.0.113.9:1194 MULTI_sva: pool returned IPv4=10.1.8.6, IPv6=(Not enabled)
`

// The person on call asks which PC and person had an address when the alert fired.
func TestWhoHadTheAddress(t *testing.T) {
	e := start(t)
	path := filepath.Join(t.TempDir(), "day.log")
	if err := os.WriteFile(path, []byte(addressDay), 0o600); err != nil {
		t.Fatal(err)
	}
	command(t, t.TempDir(), "", "import", "--data", e.dir, "--received", "2026-11-12T18:00:00+09:00", path).wantCode(t, 0)
	e.want("SELECT count() FROM events", "9")
	for _, tt := range []struct{ address, at, want string }{
		{"10.1.7.44", "10:00", "machine PC-0044 (DHCP: dhcpack, 2026-11-12 08:31:02) and 1 more; person sato (log-on at files01, 2026-11-12 08:35:40) and 1 more; MAC 00:1b:8b:0a:0b:0c"},
		{"10.1.7.44", "11:50", "machine PC-0044 (DHCP: dhcpack, 2026-11-12 11:31:02)"},
		{"10.1.7.44", "14:00", "machine PC-0099 (name in a log-on, 2026-11-12 13:03:00) and 1 more; person kimura (log-on at dc01, 2026-11-12 13:03:00) and 1 more; MAC 00:1b:8b:77:88:99"},
		{"10.1.8.6", "12:00", "person mori (VPN: address given, 2026-11-12 09:10:00)"},
		{"10.1.9.9", "12:00", "nothing tells who had 10.1.9.9"},
	} {
		t.Run(tt.address+" at "+tt.at, func(t *testing.T) {
			a := commandIn(t, "Asia/Tokyo", "hunt", "who", tt.address, "--at", "2026-11-12T"+tt.at+":00+09:00", "--data", e.dir).wantCode(t, 0)
			wantWords(t, "words", a.err, tt.want)
			if strings.Contains(a.err+a.out, "tanaka") {
				t.Error("a failed log-on is taken for the person")
			}
		})
	}
	rows := jsonLines(t, e.yagura("hunt", "timeline", "10.1.7.44", "--since", "2026-11-12T00:00:00+09:00", "--until", "2026-11-12T12:00:00+09:00", "--format", "json"))
	if len(rows) != 3 || fmt.Sprint(rows[1]["user"]) != "sato" {
		t.Errorf("timeline of the morning: %v", rows)
	}
	rows = jsonLines(t, e.yagura("hunt", "timeline", "KIMURA", "--since", "2026-11-12T00:00:00+09:00", "--format", "json"))
	if len(rows) != 1 {
		t.Errorf("timeline of a person: %v", rows)
	}
	bad := command(t, t.TempDir(), "", "hunt", "who", "10.1.7", "--data", e.dir).wantCode(t, 2)
	wantWords(t, "words", bad.err, "10.1.7", "an address such as")
}
