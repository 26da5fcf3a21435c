package detect

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Every program that the parsers know belongs to the log sources that Sigma has for
// it.
func TestLogSourcesOfPrograms(t *testing.T) {
	sources := map[string]string{
		"linux": "{product: linux}", "linux/syslog": "{product: linux, service: syslog}", "linux/fail2ban": "{product: linux, service: fail2ban}",
		"linux/openvpn": "{product: linux, service: openvpn}", "linux/strongswan": "{product: linux, service: strongswan}",
		"linux/sshd": "{product: linux, service: sshd}", "vpn": "{category: vpn}", "intrusion_detection": "{category: intrusion_detection}", "firewall": "{category: firewall}",
	}
	text := ""
	for name, source := range sources {
		text += "---\ntitle: " + name + "\nid: " + name + "\nlogsource: " + source + "\ndetection: {s: {message: x}, condition: s}\n"
	}
	p := mustLoad(t, text)
	for _, c := range []struct {
		fields map[string]any
		want   []string
	}{
		{map[string]any{"yagura.parser": "fail2ban", "process.name": "fail2ban.actions"}, []string{"intrusion_detection", "linux", "linux/fail2ban", "linux/syslog"}},
		{map[string]any{"yagura.parser": "vpn", "process.name": "openvpn"}, []string{"linux", "linux/openvpn", "linux/syslog", "vpn"}},
		{map[string]any{"yagura.parser": "vpn", "process.name": "ovpn-server"}, []string{"linux", "linux/openvpn", "linux/syslog", "vpn"}},
		{map[string]any{"yagura.parser": "vpn", "process.name": "charon"}, []string{"linux", "linux/strongswan", "linux/syslog", "vpn"}},
		{map[string]any{"yagura.parser": "fortinet.fortigate", "fortinet.subtype": "vpn"}, []string{"firewall", "vpn"}},
		{map[string]any{"yagura.parser": "fortinet.fortigate", "fortinet.subtype": "forward"}, []string{"firewall"}},
		{map[string]any{"yagura.parser": "openssh.sshd", "process.name": "sshd"}, []string{"linux", "linux/sshd", "linux/syslog"}},
	} {
		c.fields["message"] = "x"
		var got []string
		for _, alert := range run(NewEngine(p, EngineConfig{}), blocksOf(t, 1, ev{0, c.fields})) {
			got = append(got, strings.Fields(alert)[1])
		}
		slices.Sort(got)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%v: %s", c.fields, diff)
		}
	}
}
