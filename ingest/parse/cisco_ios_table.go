package parse

import "bytes"

// iosShapes are messages of IOS and its kin, in the form of shapes.go. They
// are tried for the mnemonics that iosMessage does not know.
var iosShapes = [...]shape{
	{start: "Login Successful", form: "Login Successful from host {s} by user '{u}'{_}", action: "login", category: "authentication", typ: "start", outcome: "success"},
	{start: "Login Un-Successful", form: "Login Un-Successful from host {s} by user '{u}'{_}", action: "login", category: "authentication", typ: "start", outcome: "failure"},
	{start: "User '", form: "User '{u}' authenticated successfully from {s} and was {_}", action: "login", category: "authentication", typ: "start", outcome: "success"},
	{start: "Authentication failure from", form: "Authentication failure from {s} for {_}", action: "login", category: "authentication", typ: "start", outcome: "failure"},
	{start: "User ", form: "User {u} locked out on {r}", action: "locked-out", category: "iam", typ: "change"},
	{start: "User ", form: "User {u} unlocked by {_}", action: "unlocked", category: "iam", typ: "change"},
	{start: "Privilege level set", form: "Privilege level set to {_} by {u} on {_} ({s})", action: "privilege-changed", category: "authentication", typ: "info", outcome: "success"},
	{start: "Authentication to Privilege", form: "Authentication to Privilege level {_} failed by {u} on {_} ({s})", action: "privilege-changed", category: "authentication", typ: "info", outcome: "failure"},
	{start: "Configured programmatically", form: "Configured programmatically by process {_} from {_} as {u} on {_} ({s})", action: "configured", category: "configuration", typ: "change"},
	{start: "Configured programmatically", form: "Configured programmatically by process {_} from {_} as {u} on {_}", action: "configured", category: "configuration", typ: "change"},
	{start: "Reload requested", form: "Reload requested by {u} on {_} ({s}). Reload Reason: {r}", action: "restart", category: "host", typ: "change"},
	{start: "Received BPDU on port", form: "Received BPDU on port {i} with BPDU Guard enabled.{_}", action: "bpdu-guard", typ: "denied"},
	{start: "Duplicate address", form: "Duplicate address {s} on {i}, sourced by {m}", action: "duplicate-address", typ: "info"},
	{start: "Crypto tunnel is UP", form: "Crypto tunnel is UP{_}Peer {d} {_}", action: "tunnel-up", typ: "start"},
	{start: "Crypto tunnel is DOWN", form: "Crypto tunnel is DOWN{_}Peer {d} {_}", action: "tunnel-down", typ: "end"},
	{start: "Start ", form: "Start {p} session: initiator ({s}) -- responder ({d})", action: "session-start", typ: "start"},
	{start: "Stop ", form: "Stop {p} session: initiator ({s}) sent {b} bytes -- responder ({d}) sent {o} bytes", action: "session-end", typ: "end"},
	{start: "Dropping ", form: "Dropping {p} session {s} {d} due to {r}", action: "drop", typ: "denied"},
	{start: "Sig:", form: "Sig:{k} Subsig:{_} Sev:{_} {a} [{s} -> {d}]", action: "ips", category: "intrusion_detection", typ: "info"},
	{start: "sent to neighbor", form: "sent to neighbor {d} {r}", action: "bgp-notification", typ: "info"},
	{start: "received from neighbor", form: "received from neighbor {d} {r}", action: "bgp-notification", typ: "info"},
	{start: "", form: "{_} Invalid ARPs ({_}) on {i}, vlan {_}.([{m}/{s}/{_}", action: "invalid-arp", category: "intrusion_detection", typ: "denied"},
	{start: "DHCP_SNOOPING drop", form: "DHCP_SNOOPING drop message on untrusted port, message type: {_}, MAC sa: {m}", action: "dhcp-snooping-drop", typ: "denied"},
	{start: "Src IP: ", form: "Src IP: {s}, Dst IP: {d}, Src Port: {w}, Dst Port: {x}, Src Intf: {i}, Protocol: \"{p}\"({_}), ACL Name: {a}, ACE Action: Deny,{_}", action: "denied", typ: "denied"},
	{start: "Src IP: ", form: "Src IP: {s}, Dst IP: {d}, Src Port: {w}, Dst Port: {x}, Src Intf: {i}, Protocol: \"{p}\"({_}), ACL Name: {a}, ACE Action: Permit,{_}", action: "permitted", typ: "allowed"},
	{start: "Failed authentication attempt", form: "Failed authentication attempt by user '{u}' from '{h}' on line {_}", action: "login", category: "authentication", typ: "start", outcome: "failure"},
	{start: "New ", form: "New {q} connection for user {u}, source {s} destination {d} ACCEPTED{_}", action: "login", category: "authentication", typ: "start", outcome: "success"},
	{start: "New ", form: "New {q} connection for user {u}, source {s} destination {d} REJECTED{_}", action: "login", category: "authentication", typ: "start", outcome: "failure"},
	{start: "Switch ", form: "Switch {_} has been removed from the stack{_}", action: "stack-member-left", category: "host", typ: "change"},
	{start: "Switch ", form: "Switch {_} has been added to the stack{_}", action: "stack-member-joined", category: "host", typ: "change"},
	{start: "Interface ", form: "Interface {i}: Power granted", action: "poe-granted", typ: "info"},
	{start: "Interface ", form: "Interface {i}: Power removed{_}", action: "poe-removed", typ: "change"},
	{start: "Interface ", form: "Interface {i}: PD removed", action: "poe-removed", typ: "change"},
	{start: "Loop guard blocking port ", form: "Loop guard blocking port {i} on {_}", action: "loop-guard", typ: "denied"},
	{start: "Root guard blocking port ", form: "Root guard blocking port {i} on {_}", action: "root-guard", typ: "denied"},
	{start: "A ", form: "A {_} storm detected on {i}. {_}", action: "storm-detected", typ: "denied"},
	{start: "Faulty ", form: "Faulty {r} detected", action: "hardware-failed", category: "host", typ: "info"},
	{start: "decaps: rec'd IPSEC", form: "decaps: rec'd IPSEC packet has invalid spi for destaddr={d}, prot={_}, spi={_}, srcaddr={s}, input interface={i}", action: "ipsec-drop", typ: "denied"},
	{start: "", form: "{i} Grp {_} state {_} -> {r}", action: "state-change", typ: "change"},
}

// iosShaped reads b by the shapes; "R0/0: process: " of IOS XE is passed over.
func iosShaped(l *Line, b []byte) bool {
	if slot, rest, ok := cut(b[:min(len(b), 60)], ": "); ok && iosSlot(slot) {
		if name, _, ok := cut(rest, ": "); ok && len(name) < 24 {
			b = b[len(slot)+2+len(name)+2:]
		}
	}
	return applyFirst(iosShapes[:], l, b)
}

// iosSlot says whether w is a place in a chassis, "R0/0" or "RP/0/RSP0/CPU0": no host.
func iosSlot(w []byte) bool {
	return len(w) > 2 && len(w) < 20 && w[0] >= 'A' && w[0] <= 'Z' && bytes.IndexByte(w, '/') > 0
}
