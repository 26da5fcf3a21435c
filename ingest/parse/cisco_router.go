package parse

import (
	"bytes"

	"yagura/internal/event"
)

// ciscoIOS parses "%FACILITY-n-MNEMONIC: text" of IOS, IOS XE, NX-OS, wireless
// controllers and what else Cisco makes, with every head that configuration and
// relays put before it. event.code is the tag without "%". "*" or "." before the
// time sets event.FlagClock. Source: "Cisco IOS System Message Guide".
type ciscoIOS struct{}

func (ciscoIOS) name() string { return "cisco.ios" }

func (ciscoIOS) aliases() []string { return []string{"cisco.nxos", "cisco.iosxe"} }

func (ciscoIOS) match(l *Line) int {
	t, ok := readCiscoTag(ciscoText(l))
	if !ok || t.isFirewall() {
		return 0
	}
	return 96
}

func (ciscoIOS) parse(l *Line) bool {
	text := ciscoText(l)
	t, ok := readCiscoTag(text)
	if !ok {
		return false
	}
	t.begin(l, text)
	l.Set(event.EventCode, t.code)
	setObserver(l.Draft, "Cisco", "IOS", "switch")
	iosMessage(l, t)
	if !l.Has(event.EventCategory) {
		setClass(l.Draft, "network", "info")
	}
	return true
}

// iosMessage reads the messages that somebody would ask for.
func iosMessage(l *Line, t ciscoTag) {
	b := t.body
	switch string(t.mnemonic) {
	case "IPACCESSLOGP", "IPACCESSLOGDP", "IPACCESSLOGNP", "IPACCESSLOGRP", "IPACCESSLOGS", "IPACCESSLOGSP", "ACCESSLOGP", "ACCESSLOGDP", "ACCESSLOGNP", "ACCESSLOGSP":
		iosAccessList(l, b)
	case "LOGIN_FAILED", "LOGIN_SUCCESS", "LOGIN_FAIL", "WEBLOGIN_FAILED", "WEBLOGIN_SUCCESS":
		if string(t.facility) != "WEBSERVER" || !iosShaped(l, b) {
			iosLogin(l, t)
		}
	case "QUIET_MODE_ON":
		l.SetString(event.EventAction, "quiet-mode-on")
		setClass(l.Draft, "authentication", "denied")
		iosBrackets(l, b)
	case "CONFIG_I", "VSHD_SYSLOG_CONFIG_I":
		iosConfigured(l, b)
	case "CFGLOG_LOGGEDCMD":
		iosCommand(l, b)
	case "LOGGINGHOST_STARTSTOP":
		iosLogging(l, b)
	case "UPDOWN", "CHANGED", "LINK_UPDOWN", "IF_UP", "IF_DOWN_LINK_FAILURE", "IF_DOWN_ADMIN_DOWN":
		iosState(l, b)
	case "LOGOUT":
		l.SetString(event.EventAction, "logout")
		setClass(l.Draft, "authentication", "end")
		if u, ok := between(b, "User ", " has exited"); ok {
			setUser(l, event.UserName, event.UserDomain, trim(u))
		}
		iosInParentheses(l, b)
	case "SSH2_SESSION", "SSH2_USERAUTH", "SSH2_CLOSE", "SSH_SESSION", "SSH_USERAUTH", "SSH_CLOSE":
		iosSSH(l, t)
	case "AUTHFAIL":
		l.SetString(event.EventAction, "snmp-authentication")
		setClass(l.Draft, "authentication", "start")
		l.SetString(event.EventOutcome, "failure")
		if from, ok := wordAfter(b, "from host "); ok {
			setIP(l, event.SourceIP, from)
		}
	case "PSECURE_VIOLATION", "PSECURE_VIOLATION_VLAN":
		l.SetString(event.EventAction, "port-security-violation")
		setClass(l.Draft, "intrusion_detection", "denied")
		iosMACAndPort(l, b, "MAC address ", "on port ")
	case "FAIL", "SUCCESS", "START":
		iosPortAuth(l, t)
	case "MACFLAP_NOTIF", "L2FM_MAC_MOVE":
		l.SetString(event.EventAction, "mac-move")
		iosMACAndPort(l, b, "Host ", "port ")
	case "ERR_DISABLE":
		l.SetString(event.EventAction, "err-disable")
		setClass(l.Draft, "network", "denied")
		iosMACAndPort(l, b, "", "detected on ")
		if why, ok := between(b, "", " error detected"); ok {
			l.Set(event.EventReason, why)
		}
	case "Up", "Down": // "%LINK-W-Down:  gi5"
		if name, _ := word(b); string(t.facility) == "LINK" && len(name) > 0 {
			putLower(l.Draft, event.EventAction, t.mnemonic)
			setClass(l.Draft, "network", "change")
			l.Set(event.ObserverIngressInterface, name)
		}
	case "OVERTEMP", "OVERTEMPERATURE", "TEMP_HIGH":
		l.SetString(event.EventAction, "temperature-high")
		setClass(l.Draft, "host", "info")
	case "RESTART", "RELOAD", "COLDSTART":
		if iosShaped(l, b) {
			return
		}
		l.SetString(event.EventAction, "restart")
		setClass(l.Draft, "host", "start")
	case "ADJCHANGE", "ADJCHG", "NBRCHANGE":
		iosNeighbor(l, b)
	case "AdministrativeEvent", "UserLogging", "INFO_USER_LOGOUT", "INFO_GENERAL":
		iosAudit(l, b)
	default:
		if !iosShaped(l, b) {
			iosFreeText(l, t, b)
		}
	}
}

// iosAudit reads the audit lines of Unified Communications, "[ UserID =name][
// ClientAddress =address][ EventStatus =Success]", and of IOS XR's SSH.
func iosAudit(l *Line, b []byte) {
	if u, ok := between(b, "UserID =", "]"); ok {
		setUser(l, event.UserName, event.UserDomain, trim(u))
	} else if u, ok := between(b, "User '", "'"); ok {
		setUser(l, event.UserName, event.UserDomain, u)
		if contains(b, "logged out") {
			l.SetString(event.EventAction, "logout")
			setClass(l.Draft, "authentication", "end")
		}
	} else if contains(b, "Failed ") && contains(b, " from ") {
		l.SetString(event.EventAction, "login")
		setClass(l.Draft, "authentication", "start")
		l.SetString(event.EventOutcome, "failure")
	}
	if ip, ok := between(b, "ClientAddress =", "]"); ok {
		setIP(l, event.SourceIP, trim(ip))
	} else if ip, ok := between(b, "from '", "'"); ok {
		setIP(l, event.SourceIP, ip)
	} else if ip, ok := wordAfter(b, " from "); ok {
		setIP(l, event.SourceIP, ip)
	}
	if kind, ok := between(b, "EventType =", "]"); ok {
		putLower(l.Draft, event.EventAction, trim(kind))
		setClass(l.Draft, "configuration", "change")
	}
	if status, ok := between(b, "EventStatus =", "]"); ok {
		if equalFold(trim(status), "success") {
			l.SetString(event.EventOutcome, "success")
		} else if contains(status, "Fail") {
			l.SetString(event.EventOutcome, "failure")
		}
	}
}

func iosLogin(l *Line, t ciscoTag) {
	l.SetString(event.EventAction, "login")
	setClass(l.Draft, "authentication", "start")
	if contains(t.mnemonic, "SUCCESS") {
		l.SetString(event.EventOutcome, "success")
	} else {
		l.SetString(event.EventOutcome, "failure")
	}
	iosBrackets(l, t.body)
}

// iosBrackets reads "[user: x] [Source: a] [localport: 22] [Reason: text]".
func iosBrackets(l *Line, b []byte) {
	if u, ok := between(b, "[user: ", "]"); ok {
		setUser(l, event.UserName, event.UserDomain, u)
	}
	if s, ok := between(b, "[Source: ", "]"); ok {
		setHost(l, event.SourceIP, event.SourceDomain, s)
	}
	if p, ok := between(b, "[localport: ", "]"); ok {
		putPort(l, event.DestinationPort, p)
	}
	if r, ok := between(b, "[Reason: ", "]"); ok {
		setText(l, event.EventReason, r)
	}
}

// iosConfigured: "Configured from console by [user on] vty0 (192.0.2.1)".
func iosConfigured(l *Line, b []byte) {
	l.SetString(event.EventAction, "configured")
	setClass(l.Draft, "configuration", "change")
	by, ok := after(b, " by ")
	if !ok {
		return
	}
	who, rest := word(by)
	if name, ok := bytes.CutSuffix(who, []byte(",")); ok { // "by admin, transaction-id 12"
		setUser(l, event.UserName, event.UserDomain, name)
	} else if on, _ := word(rest); string(on) == "on" {
		setUser(l, event.UserName, event.UserDomain, who)
	}
	iosInParentheses(l, by)
	if at, ok := after(by, " on "); ok && !l.Has(event.SourceIP) {
		w, _ := word(at)
		host, _, _ := cut(w, "@")
		setIP(l, event.SourceIP, host)
	}
}

// iosInParentheses sets the source when an address stands in parentheses.
func iosInParentheses(l *Line, b []byte) {
	if ip, ok := between(b, "(", ")"); ok {
		setIP(l, event.SourceIP, ip)
	}
}

// iosCommand: "User:name  logged command:text".
func iosCommand(l *Line, b []byte) {
	l.SetString(event.EventAction, "command")
	setClass(l.Draft, "configuration", "change")
	if u, ok := between(b, "User:", " logged command:"); ok {
		setUser(l, event.UserName, event.UserDomain, trim(u))
	}
	if c, ok := after(b, "logged command:"); ok {
		setText(l, event.ProcessCommandLine, trim(c))
	}
}

func iosLogging(l *Line, b []byte) {
	switch {
	case contains(b, " stopped"):
		l.SetString(event.EventAction, "logging-stopped")
	case contains(b, " started"):
		l.SetString(event.EventAction, "logging-started")
	}
	setClass(l.Draft, "configuration", "change")
	if host, ok := wordAfter(b, "to host "); ok {
		setIP(l, event.DestinationIP, host)
	}
	if port, ok := wordAfter(b, " port "); ok {
		putPort(l, event.DestinationPort, port)
	}
}

// iosSSH: "User 'x' authentication for SSH2 Session from 192.0.2.1 (tty = 0) ...
// Succeeded".
func iosSSH(l *Line, t ciscoTag) {
	b := t.body
	l.SetString(event.NetworkProtocol, "ssh")
	switch {
	case contains(t.mnemonic, "USERAUTH"):
		l.SetString(event.EventAction, "login")
		setClass(l.Draft, "authentication", "start")
	case contains(t.mnemonic, "CLOSE"):
		l.SetString(event.EventAction, "ssh-close")
		setClass(l.Draft, "session", "end")
	default:
		l.SetString(event.EventAction, "ssh-session")
		setClass(l.Draft, "session", "start")
	}
	if u, ok := between(b, "ser '", "'"); ok {
		setUser(l, event.UserName, event.UserDomain, u)
	}
	if from, ok := wordAfter(b, " from "); ok {
		setIP(l, event.SourceIP, from)
	}
	switch {
	case contains(b, "Succeeded"):
		l.SetString(event.EventOutcome, "success")
	case contains(b, "Failed"), contains(b, "Unsuccessful"):
		l.SetString(event.EventOutcome, "failure")
	}
}

// iosFreeText reads log-on messages that NX-OS passes on from its services.
func iosFreeText(l *Line, t ciscoTag, b []byte) {
	if string(t.mnemonic) != "SYSTEM_MSG" && !contains(t.mnemonic, "LOGIN") {
		return
	}
	outcome := ""
	switch {
	case contains(b, "uthentication failed"), contains(b, "uthentication failure"), contains(b, "login failed"):
		outcome = "failure"
	case contains(b, "Accepted "), contains(b, "login succeeded"):
		outcome = "success"
	default:
		return
	}
	l.SetString(event.EventAction, "login")
	setClass(l.Draft, "authentication", "start")
	l.SetString(event.EventOutcome, outcome)
	u, ok := wordAfter(b, " user ")
	if !ok && (contains(b, "Accepted ") || contains(b, "uthentication failure for ")) {
		u, ok = wordAfter(b, " for ")
	}
	if ok {
		setUser(l, event.UserName, event.UserDomain, u)
	}
	if from, ok := wordAfter(b, " from "); ok {
		setIP(l, event.SourceIP, from)
	}
}
