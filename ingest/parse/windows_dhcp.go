package parse

import "yagura/internal/event"

// windowsDHCP reads the audit log of Windows' DHCP server (DhcpSrvLog-Mon.log), as an
// agent ships it: "ID,Date,Time,Description,IP Address,Host Name,MAC Address,User
// Name,…", times MM/DD/YY in the server's zone (Microsoft, "DHCP audit log files").
type windowsDHCP struct{}

func (windowsDHCP) name() string      { return "dhcp.windows" }
func (windowsDHCP) aliases() []string { return []string{"windows.dhcp"} }

func (windowsDHCP) match(l *Line) int {
	if b := l.Body; l.Tag == nil && len(b) > 22 && digit(b[0]) {
		if i := digits(b); i <= 5 && b[i] == ',' && dhcpDate(b[i+1:]) {
			return certain
		}
	}
	return 0
}

// dhcpDate tells "11/24/26,11:15:42," at the start.
func dhcpDate(b []byte) bool {
	const form = "00/00/00,00:00:00,"
	if len(b) < len(form) {
		return false
	}
	for i := range form {
		if form[i] == '0' && !digit(b[i]) || form[i] != '0' && b[i] != form[i] {
			return false
		}
	}
	return true
}

// dhcpEvents are the ids of the log.
var dhcpEvents = map[string]struct{ action, outcome string }{
	"00": {"log-started", ""}, "01": {"log-stopped", ""}, "02": {"log-paused", ""},
	"10": {"dhcp-assign", "success"}, "11": {"dhcp-renew", "success"}, "12": {"dhcp-release", ""}, "13": {"dhcp-conflict", ""},
	"14": {"dhcp-pool-exhausted", "failure"}, "15": {"dhcp-deny", "failure"}, "16": {"dhcp-delete", ""}, "17": {"dhcp-expire", ""}, "18": {"dhcp-expire", ""},
	"20": {"bootp-assign", "success"}, "21": {"bootp-assign", "success"}, "22": {"bootp-pool-exhausted", "failure"}, "23": {"bootp-delete", ""},
	"30": {"dns-update-requested", ""}, "31": {"dns-update-failed", "failure"}, "32": {"dns-updated", "success"}, "33": {"dhcp-drop", "failure"},
}

func (windowsDHCP) parse(l *Line) bool {
	c := cutCSV(l.Body)
	if c.n < 4 {
		return false
	}
	if !dhcpTime(l, c.column[1], c.column[2]) {
		return false
	}
	l.Set(event.EventCode, c.column[0])
	setClass(l.Draft, "network", "info")
	l.SetString(event.NetworkProtocol, "dhcp")
	setObserver(l.Draft, "Microsoft", "DHCP Server", "server")
	if m, ok := dhcpEvents[string(c.column[0])]; ok {
		l.SetString(event.EventAction, m.action)
		if m.outcome != "" {
			l.SetString(event.EventOutcome, m.outcome)
		}
	}
	l.SetMessage(c.column[3])
	c.set(l, []csvPlace{{4, event.ClientIP}, {5, event.ClientDomain}})
	if c.n > 6 && len(c.column[6]) == 12 && isHex(c.column[6]) { // longer ones are client identifiers
		l.Set(event.ClientMAC, c.column[6])
	}
	if c.n > 7 && !none(c.column[7]) {
		setUser(l, event.UserName, event.UserDomain, c.column[7])
	}
	return true
}

// dhcpTime reads MM/DD/YY and HH:MM:SS.
func dhcpTime(l *Line, d, t []byte) bool {
	two := func(b []byte) int { return int(b[0]-'0')*10 + int(b[1]-'0') }
	s := stamp{year: 2000 + two(d[6:]), month: two(d), day: two(d[3:]), hour: two(t), min: two(t[3:]), sec: two(t[6:])}
	if s.month < 1 || s.month > 12 || s.day < 1 || s.day > 31 || s.hour > 23 || s.min > 59 || s.sec > 59 {
		return false
	}
	l.setStamp(s)
	return true
}
