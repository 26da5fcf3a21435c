package parse

import (
	"bytes"

	"yagura/internal/event"
)

// asaShapes: the longer of two that begin alike stands first.
var asaShapes = [...]shape{
	// 103, 104: failover
	{start: "(", form: "({_}) Switching to {_} - {r}", action: "failover", category: "host", typ: "change"},
	{start: "(", form: "({_}) Failover interface failed", action: "failover-failed", category: "host", typ: "change"},
	{start: "(", form: "({_}) Lost Failover communications with mate on interface {i}", action: "failover-failed", category: "host", typ: "change"},
	{start: "(", form: "({_}) No response from other firewall{_}", action: "failover-failed", category: "host", typ: "change"},
	// 106xxx: filters
	{start: "Inbound ", form: "Inbound {p} connection denied from {s} to {d} flags {_} on interface {i}", action: "deny", typ: "denied", dir: "inbound"},
	{start: "Deny inbound ", form: "Deny inbound (No xlate) {p} src {s} dst {d}", action: "deny", typ: "denied", dir: "inbound"},
	{start: "Deny inbound ", form: "Deny inbound {p} from {s} to {d} on interface {i}", action: "deny", typ: "denied", dir: "inbound"},
	{start: "Deny inbound ", form: "Deny inbound {p} from {s} to {d} due to {r}", action: "deny", typ: "denied", dir: "inbound"},
	{start: "Deny inbound ", form: "Deny inbound {p} src {s} dst {d}", action: "deny", typ: "denied", dir: "inbound"},
	{start: "Deny TCP (no connection)", form: "Deny {p} (no connection) from {s} to {d} flags {_} on interface {i}", action: "deny", typ: "denied"},
	{start: "Deny IP spoof from (", form: "Deny IP spoof from ({s}) to {d} on interface {i}", action: "ip-spoof", category: "intrusion_detection", typ: "denied"},
	{start: "Deny IP due to Land Attack", form: "Deny IP due to Land Attack from {s} to {d}", action: "land-attack", category: "intrusion_detection", typ: "denied"},
	{start: "Deny IP teardrop", form: "Deny IP teardrop fragment ({_}) from {s} to {d}", action: "teardrop", category: "intrusion_detection", typ: "denied"},
	{start: "Deny IP from", form: "Deny IP from {s} to {d}, IP options{_}", action: "deny", typ: "denied"},
	{start: "Deny MAC address", form: "Deny MAC address {m}, possible spoof attempt on interface {i}", action: "mac-spoof", category: "intrusion_detection", typ: "denied"},
	{start: "Deny protocol ", form: "Deny protocol {p} src {s} dst {d} by access-group \"{a}\"", action: "deny", typ: "denied"},
	{start: "Deny ", form: "Deny {p} src {s} dst {d} by access-group \"{a}\"", action: "deny", typ: "denied"},
	{start: "Deny ", form: "Deny {p} src {s} dst {d}", action: "deny", typ: "denied"},
	{start: "Deny ", form: "Deny {p} reverse path check from {s} to {d} on interface {i}", action: "reverse-path", typ: "denied"},
	{start: "Deny ", form: "Deny {p} connection spoof from {s} to {d} on interface {i}", action: "connection-spoof", category: "intrusion_detection", typ: "denied"},
	{start: "Deny ", form: "Deny {p} from {s} to {d} on interface {i}", action: "deny", typ: "denied"},
	{start: "Dropping echo request", form: "Dropping echo request from {s} to PAT address {d}", action: "drop", typ: "denied"},
	{start: "access-list ", form: "access-list {a} permitted {p} for user '{u}' {s} -> {d} hit-cnt {_}", action: "permitted", typ: "allowed"},
	{start: "access-list ", form: "access-list {a} denied {p} for user '{u}' {s} -> {d} hit-cnt {_}", action: "denied", typ: "denied"},
	{start: "access-list ", form: "access-list {a} permitted {p} {s} -> {d} hit-cnt {_}", action: "permitted", typ: "allowed"},
	{start: "access-list ", form: "access-list {a} est-allowed {p} {s} -> {d} hit-cnt {_}", action: "est-allowed", typ: "allowed"},
	{start: "access-list ", form: "access-list {a} denied {p} {s} -> {d} hit-cnt {_}", action: "denied", typ: "denied"},
	{start: "ICMP packet type", form: "ICMP packet type {_} denied by outbound list {a} src {s} dest {d}", action: "deny", typ: "denied", dir: "outbound"},
	// 109, 113: AAA
	{start: "Auth start", form: "Auth start for user '{u}' from {s} to {d}", action: "auth-start", category: "authentication", typ: "info"},
	{start: "AAA group policy", form: "AAA group policy for user {u} is being set to {_}", action: "aaa-policy", category: "authentication", typ: "info"},
	{start: "Authentication succeeded", form: "Authentication succeeded for user '{u}' from {s} to {d} on interface {i}", action: "login", category: "authentication", typ: "start", outcome: "success"},
	{start: "Authentication failed", form: "Authentication failed for user '{u}' from {s} to {d} on interface {i}", action: "login", category: "authentication", typ: "start", outcome: "failure"},
	{start: "AAA user authentication Successful", form: "AAA user authentication Successful : {_}user = {u}", action: "login", category: "authentication", typ: "start", outcome: "success"},
	{start: "AAA user authentication Rejected", form: "AAA user authentication Rejected : reason = {r} : server = {_} : user = {u} : user IP = {s}", action: "login", category: "authentication", typ: "start", outcome: "failure"},
	{start: "AAA user authentication Rejected", form: "AAA user authentication Rejected : reason = {r} : local database : user = {u} : user IP = {s}", action: "login", category: "authentication", typ: "start", outcome: "failure"},
	{start: "AAA user authentication Rejected", form: "AAA user authentication Rejected : reason = {r} : {_}user = {u}", action: "login", category: "authentication", typ: "start", outcome: "failure"},
	{start: "AAA transaction status ACCEPT", form: "AAA transaction status ACCEPT : user = {u}", action: "aaa-accept", category: "authentication", typ: "info"},
	{start: "AAA transaction status REJECT", form: "AAA transaction status REJECT : user = {u}", action: "aaa-reject", category: "authentication", typ: "info", outcome: "failure"},
	{start: "AAA retrieved", form: "AAA retrieved {_} for user = {u}", action: "aaa-policy", category: "authentication", typ: "info"},
	{start: "AAA credentials rejected", form: "AAA credentials rejected : reason = {r} : server = {_} : user = {u} : user IP = {s}", action: "login", category: "authentication", typ: "start", outcome: "failure"},
	{start: "AAA credentials rejected", form: "AAA credentials rejected : reason = {r} : {_}user = {u}", action: "login", category: "authentication", typ: "start", outcome: "failure"},
	{start: "Attempt of console login failed", form: "Attempt of console login failed user '{u}' {r}", action: "login", category: "authentication", typ: "start", outcome: "failure"},
	{start: "Authorization ", form: "Authorization denied ({_}) for user '{u}' from {s} to {d} on interface {i}", action: "authorization", category: "authentication", typ: "denied", outcome: "failure"},
	{start: "Authorization ", form: "Authorization denied for user '{u}' from {s} to {d} on interface {i}", action: "authorization", category: "authentication", typ: "denied", outcome: "failure"},
	{start: "Authorization ", form: "Authorization permitted for user '{u}' from {s} to {d} on interface {i}", action: "authorization", category: "authentication", typ: "allowed", outcome: "success"},
	{start: "DAP: User", form: "DAP: User {u}, Addr {s}, Connection {_}", action: "access-policy", category: "session", typ: "info"},
	{start: "Local:", form: "Local:{d} Remote:{s} Username:{u} IKEv2 SA UP.{_}", action: "ike-sa-up", typ: "start"},
	{start: "Local:", form: "Local:{d} Remote:{s} Username:{u} IKEv2 SA DOWN. Reason: {r}", action: "ike-sa-down", typ: "end"},
	{start: "Local:", form: "Local:{d} Remote:{s} Username:{u} IKEv2 Negotiation aborted due to ERROR: {r}", action: "ike-failed", typ: "info", outcome: "failure"},
	{start: "Local:", form: "Local:{d} Remote:{s} Username:{u} {r}", action: "ike", typ: "info"},
	// 111, 502, 605, 606, 611: administration
	{start: "User '", form: "User '{u}', running '{_}' from IP {s}, executed '{c}'", action: "command", category: "configuration", typ: "change"},
	{start: "User '", form: "User '{u}' executed the '{c}' command.", action: "command", category: "process", typ: "info"},
	{start: "User '", form: "User '{u}' executed cmd: {c}", action: "command", category: "process", typ: "info"},
	{start: "User '", form: "User '{u}' locked out on exceeding '{_}' successive failed authentication attempts", action: "locked-out", category: "iam", typ: "change"},
	{start: "", form: "{s} end configuration: {_}", action: "configuration-end", category: "configuration", typ: "info"},
	{start: "Begin configuration", form: "Begin configuration: {s} {_}", action: "configuration-begin", category: "configuration", typ: "info"},
	{start: "New user added", form: "New user added to local dbase: Uname: {u} Priv: {_}", action: "added-user-account", category: "iam", typ: "creation"},
	{start: "User deleted", form: "User deleted from local dbase: Uname: {u} Priv: {_}", action: "deleted-user-account", category: "iam", typ: "deletion"},
	{start: "User priv level changed", form: "User priv level changed: Uname: {u} From: {_}", action: "privilege-changed", category: "iam", typ: "change"},
	{start: "Login denied", form: "Login denied from {s} to {d} for user \"{u}\"", action: "login", category: "authentication", typ: "start", outcome: "failure"},
	{start: "Login permitted", form: "Login permitted from {s} to {d} for user \"{u}\"", action: "login", category: "authentication", typ: "start", outcome: "success"},
	{start: "ASDM session", form: "ASDM session number {_} from {s} started", action: "session-start", category: "session", typ: "start"},
	{start: "ASDM session", form: "ASDM session number {_} from {s} ended", action: "session-end", category: "session", typ: "end"},
	{start: "ASDM logging session", form: "ASDM logging session number {_} from {s} started", action: "session-start", category: "session", typ: "start"},
	{start: "ASDM logging session", form: "ASDM logging session number {_} from {s} ended", action: "session-end", category: "session", typ: "end"},
	{start: "User authentication succeeded", form: "User authentication succeeded: IP address: {s}, Uname: {u}", action: "login", category: "authentication", typ: "start", outcome: "success"},
	{start: "User authentication succeeded", form: "User authentication succeeded: Uname: {u}", action: "login", category: "authentication", typ: "start", outcome: "success"},
	{start: "User authentication failed", form: "User authentication failed: IP address: {s}, Uname: {u}", action: "login", category: "authentication", typ: "start", outcome: "failure"},
	{start: "User authentication failed", form: "User authentication failed: Uname: {u}", action: "login", category: "authentication", typ: "start", outcome: "failure"},
	{start: "User logged out", form: "User logged out: Uname: {u}", action: "logout", category: "authentication", typ: "end"},
	{start: "SSH session from", form: "SSH session from {s} on interface {i} for user \"{u}\" terminated normally", action: "ssh-disconnect", category: "session", typ: "end"},
	{start: "SSH session from", form: "SSH session from {s} on interface {i} for user \"{u}\" disconnected by SSH server, reason: \"{r}\"", action: "ssh-disconnect", category: "session", typ: "end"},
	{start: "SSH session from", form: "SSH session from {s} on interface {i} for user \"{u}\" disconnected by SSH server, reason: {r}", action: "ssh-disconnect", category: "session", typ: "end"},
	// 110 to 4xx: packets
	{start: "Failed to locate egress", form: "Failed to locate egress interface for {p} from {s} to {d}", action: "no-route"},
	{start: "Routing failed", form: "Routing failed to locate next hop for {p} from {s} to {d}", action: "no-route"},
	{start: "FTP connection", form: "FTP connection from {s} to {d}, user {u} {_} file {f}", action: "ftp", category: "file", typ: "access"},
	{start: "Access denied URL", form: "Access denied URL {l} SRC {s} DEST {d} on interface {i}", action: "deny", category: "web", typ: "denied"},
	{start: "", form: "{s} Accessed URL {l}", action: "accessed-url", category: "web", typ: "access"},
	{start: "No translation group found", form: "No translation group found for {p} src {s} dst {d}", action: "no-translation", typ: "denied"},
	{start: "Asymmetric NAT rules", form: "Asymmetric NAT rules matched for forward and reverse flows; Connection for {p} src {s} dst {d} denied due to {r}", action: "deny", typ: "denied"},
	{start: "Denied ICMP", form: "Denied {p} type={_}, from {s} on interface {i} to {d}:{r}", action: "deny", typ: "denied"},
	{start: "Denied ICMP", form: "Denied {p} type={_} from {s} on interface {i}", action: "deny", typ: "denied"},
	{start: "Denied IPv6-ICMP", form: "Denied {p} type={_} from {s} on interface {i}", action: "deny", typ: "denied"},
	{start: "No matching connection for ICMP", form: "No matching connection for ICMP error message: {p} src {s} dst {d} ({_}) on {i} interface", action: "no-connection"},
	{start: "IPS:", form: "IPS:{_} {r} from {s} to {d} on interface {i}", action: "ips", category: "intrusion_detection", typ: "info"},
	{start: "IDS:", form: "IDS:{_} {r} from {s} to {d} on interface {i}", action: "ids", category: "intrusion_detection", typ: "info"},
	{start: "Bad TCP hdr length", form: "Bad {p} hdr length ({_}) from {s} to {d}, flags: {_}, on interface {i}", action: "drop", typ: "denied"},
	{start: "Shunned packet", form: "Shunned packet: {s} ==> {d} on interface {i}", action: "shunned", typ: "denied"},
	{start: "IPSEC: Received", form: "IPSEC: Received an {p} packet ({_}) from {s} (user= {_}) to {d} that {r}", action: "ipsec-drop", typ: "denied"},
	{start: "IPSEC: Received", form: "IPSEC: Received an {p} packet ({_}) from {s} (user= {_}) to {d}. {r}", action: "ipsec-drop", typ: "denied"},
	{start: "IPSEC: An ", form: "IPSEC: An {_} SA ({_}) between {s} and {d} (user= {u}) has been created", action: "ipsec-sa-created", typ: "start"},
	{start: "IPSEC: An ", form: "IPSEC: An {_} SA ({_}) between {s} and {d} (user= {u}) has been deleted", action: "ipsec-sa-deleted", typ: "end"},
	{start: "Received ARP", form: "Received ARP {_} collision from {s} on interface {i}", action: "arp-collision", category: "intrusion_detection", typ: "info"},
	{start: "Dropped UDP DNS", form: "Dropped {p} DNS {_} from {s} to {d}; {r}", action: "drop", typ: "denied"},
	{start: "Line protocol on Interface", form: "Line protocol on Interface {i}, changed state to up", action: "up", typ: "change"},
	{start: "Line protocol on Interface", form: "Line protocol on Interface {i}, changed state to down", action: "down", typ: "change"},
	{start: "Line protocol on interface", form: "Line protocol on interface {i} changed state to up", action: "up", typ: "change"},
	{start: "Line protocol on interface", form: "Line protocol on interface {i} changed state to down", action: "down", typ: "change"},
	{start: "Interface ", form: "Interface {i}, changed state to administratively up", action: "up", typ: "change"},
	{start: "Interface ", form: "Interface {i}, changed state to administratively down", action: "down", typ: "change"},
	{start: "Invalid IP fragment", form: "Invalid IP fragment, {_}: src = {s}, dest = {d}, proto = {p}, id = {_}", action: "drop", typ: "denied"},
	{start: "Discard IP fragment", form: "Discard IP fragment {_}: src = {s}, dest = {d}, proto = {p}, id = {_}", action: "drop", typ: "denied"},
	{start: "portmap translation", form: "portmap translation creation failed for {p} src {s} dst {d}", action: "no-translation", typ: "denied"},
	{start: "regular translation", form: "regular translation creation failed for {p} src {s} dst {d}", action: "no-translation", typ: "denied"},
	{start: "Dropping TCP packet", form: "Dropping {p} packet from {s} to {d}, reason: {r}", action: "drop", typ: "denied"},
	{start: "Duplicate TCP SYN", form: "Duplicate {p} SYN from {s} to {d} with {_}", action: "duplicate-syn"},
	{start: "SFR requested to drop", form: "SFR requested to drop {p} packet from {s} to {d}", action: "drop", typ: "denied"},
	{start: "Invalid transport field", form: "Invalid transport field for protocol={p}, from {s} to {d}", action: "drop", typ: "denied"},
	{start: "TCP access", form: "{p} access requested from {s} to {d}", action: "access-requested"},
	{start: "UDP access", form: "{p} access requested from {s} to {d}", action: "access-requested"},
	{start: "TCP access", form: "{p} access permitted from {s} to {d}", action: "permit", typ: "allowed"},
	{start: "UDP access", form: "{p} access permitted from {s} to {d}", action: "permit", typ: "allowed"},
	{start: "TCP access", form: "{p} access denied by ACL from {s} to {d}", action: "deny", typ: "denied"},
	{start: "UDP access", form: "{p} access denied by ACL from {s} to {d}", action: "deny", typ: "denied"},
	{start: "TCP request", form: "{p} request discarded from {s} to {d}", action: "discard", typ: "denied"},
	{start: "UDP request", form: "{p} request discarded from {s} to {d}", action: "discard", typ: "denied"},
	{start: "Starting SSL handshake", form: "Starting SSL handshake with client {s} to {d} for {_}", action: "ssl-handshake", typ: "start"},
	{start: "Device completed SSL", form: "Device completed SSL handshake with client {s} to {d} for {_}", action: "ssl-handshake", typ: "info"},
	{start: "SSL session with client", form: "SSL session with client {s} to {d} terminated", action: "ssl-terminated", typ: "end"},
	{start: "[", form: "[{_}] drop {_} exceeded.{_}", action: "threat-detection", category: "intrusion_detection", typ: "info"},
	{start: "Host ", form: "Host {s} is attacking.{_}", action: "threat-detection", category: "intrusion_detection", typ: "info"},
	{start: "Host ", form: "Host {d} is targeted.{_}", action: "threat-detection", category: "intrusion_detection", typ: "info"},
	{start: "Threat-detection adds host", form: "Threat-detection adds host {s} to shun list", action: "shun", category: "intrusion_detection", typ: "denied"},
	{start: "Built local-host", form: "Built local-host {s}", action: "built-local-host", typ: "start"},
	{start: "Teardown local-host", form: "Teardown local-host {s}", action: "teardown-local-host", typ: "end"},
	{start: "Reload command executed", form: "Reload command executed from {_} (remote {h}).", action: "restart", category: "host", typ: "change"},
	{start: "Dynamic filter monitored", form: "Dynamic filter monitored {_} {p} traffic from {s} ({_}) to {d} ({_}), {_} list: {r}", action: "dynamic-filter", category: "intrusion_detection", typ: "info"},
	{start: "Dynamic filter dropped", form: "Dynamic filter dropped {_} {p} traffic from {s} ({_}) to {d} ({_}), {_} list: {r}", action: "dynamic-filter", category: "intrusion_detection", typ: "denied"},
	{start: "console enable password", form: "console enable password incorrect for {_} tries (from {s})", action: "login", category: "authentication", typ: "start", outcome: "failure"},
}

// masked says whether a name was replaced by asterisks: the device hides the names
// that it does not know.
func masked(v []byte) bool { return len(bytes.Trim(v, "*")) == 0 }

// asaURL: "192.0.2.13:http://example.org/", or an URL alone.
func asaURL(l *Line, v []byte) {
	at := index(v, ":http") // the host may be an IPv6 address
	if at < 0 {
		at = bytes.IndexByte(v, ':')
	}
	if at > 0 && setIP(l, event.DestinationIP, v[:at]) {
		v = v[at+1:]
	}
	setText(l, event.URLOriginal, v)
}
