package parse

import (
	"bytes"
	"time"
)

// auditHeader is what stands before the fields of a record.
type auditHeader struct {
	node, kind, sequence []byte
	when                 time.Time
	rest                 []byte
}

// auditHead reads "[node=N] type=T msg=audit(EPOCH:SEQ): ", "[kernel: [12.3]] audit:
// type=1400 audit(EPOCH:SEQ): " and the like.
func auditHead(b []byte) (h auditHeader, ok bool) {
	at := index(b[:min(len(b), 300)], "audit(")
	if at < 0 {
		return h, false
	}
	stamp, rest, ok := cut(b[at+len("audit("):], ")")
	if !ok || len(stamp) > 40 {
		return h, false
	}
	seconds, sequence, ok := cut(stamp, ":")
	if !ok || digits(sequence) != len(sequence) || len(sequence) == 0 {
		return h, false
	}
	if h.when, ok = epoch(seconds); !ok {
		return h, false
	}
	h.sequence = sequence
	for p := (pairs{rest: b[:at]}); p.next(); {
		switch string(p.key) {
		case "node":
			h.node = p.value
		case "type":
			h.kind = p.value
		}
	}
	if len(h.kind) == 0 {
		return h, false
	}
	h.rest = bytes.TrimLeft(rest, ": ")
	return h, true
}

// auditJournal reads "audit[12]: USER_START pid=12 ...": a record as the journal
// hands it on, without its time and sequence.
func auditJournal(l *Line) (h auditHeader, ok bool) {
	if string(l.Tag) != "audit" {
		return h, false
	}
	h.kind, h.rest = word(l.Body)
	if _, known := auditMeanings[string(h.kind)]; !known {
		switch string(h.kind) {
		case "SYSCALL", "AVC", "SELINUX_ERR", "CRYPTO_KEY_USER", "CRYPTO_SESSION":
		default:
			return h, false
		}
	}
	return h, len(h.rest) > 0
}

// auditType turns the number of a record type into its name; a name stays.
func auditType(kind []byte) []byte {
	kind = trim(kind)
	if v, ok := cutPrefix(kind, "UNKNOWN["); ok {
		kind, _, _ = cut(v, "]")
	}
	if name, ok := auditTypes[string(kind)]; ok {
		return []byte(name)
	}
	return kind
}

// auditTypes are the numbers that kernels print. Source: linux/audit.h.
var auditTypes = map[string]string{
	"1006": "LOGIN", "1100": "USER_AUTH", "1101": "USER_ACCT", "1102": "USER_MGMT", "1103": "CRED_ACQ", "1104": "CRED_DISP",
	"1105": "USER_START", "1106": "USER_END", "1107": "USER_AVC", "1108": "USER_CHAUTHTOK", "1109": "USER_ERR", "1110": "CRED_REFR",
	"1111": "USYS_CONFIG", "1112": "USER_LOGIN", "1113": "USER_LOGOUT", "1114": "ADD_USER", "1115": "DEL_USER", "1116": "ADD_GROUP",
	"1117": "DEL_GROUP", "1118": "DAC_CHECK", "1119": "CHGRP_ID", "1121": "TRUSTED_APP", "1122": "USER_SELINUX_ERR", "1123": "USER_CMD",
	"1124": "USER_TTY", "1125": "CHUSER_ID", "1127": "SYSTEM_BOOT", "1128": "SYSTEM_SHUTDOWN", "1129": "SYSTEM_RUNLEVEL",
	"1130": "SERVICE_START", "1131": "SERVICE_STOP", "1132": "GRP_MGMT", "1133": "GRP_CHAUTHTOK", "1134": "MAC_CHECK", "1135": "ACCT_LOCK",
	"1136": "ACCT_UNLOCK", "1137": "USER_DEVICE", "1138": "SOFTWARE_UPDATE", "1200": "DAEMON_START", "1201": "DAEMON_END",
	"1202": "DAEMON_ABORT", "1203": "DAEMON_CONFIG", "1205": "DAEMON_ROTATE", "1206": "DAEMON_RESUME", "1207": "DAEMON_ACCEPT",
	"1208": "DAEMON_CLOSE", "1300": "SYSCALL", "1302": "PATH", "1303": "IPC", "1304": "SOCKETCALL", "1305": "CONFIG_CHANGE",
	"1306": "SOCKADDR", "1307": "CWD", "1309": "EXECVE", "1311": "IPC_SET_PERM", "1312": "MQ_OPEN", "1317": "OBJ_PID", "1319": "TTY",
	"1320": "EOE", "1321": "BPRM_FCAPS", "1322": "CAPSET", "1323": "MMAP", "1324": "NETFILTER_PKT", "1325": "NETFILTER_CFG",
	"1326": "SECCOMP", "1327": "PROCTITLE", "1328": "FEATURE_CHANGE", "1330": "KERN_MODULE", "1331": "FANOTIFY", "1332": "TIME_INJOFFSET", "1333": "TIME_ADJNTPVAL", "1334": "BPF",
	"1335": "EVENT_LISTENER", "1337": "OPENAT2", "1400": "AVC", "1401": "SELINUX_ERR", "1403": "MAC_POLICY_LOAD", "1404": "MAC_STATUS",
	"1405": "MAC_CONFIG_CHANGE", "1700": "ANOM_PROMISCUOUS", "1701": "ANOM_ABEND", "1702": "ANOM_LINK", "2000": "KERNEL",
	"2100": "ANOM_LOGIN_FAILURES", "2101": "ANOM_LOGIN_TIME", "2102": "ANOM_LOGIN_SESSIONS", "2103": "ANOM_LOGIN_ACCT",
	"2104": "ANOM_LOGIN_LOCATION", "2111": "ANOM_ADD_ACCT", "2112": "ANOM_DEL_ACCT", "2113": "ANOM_MOD_ACCT", "2300": "USER_ROLE_CHANGE",
	"2301": "ROLE_ASSIGN", "2302": "ROLE_REMOVE", "2404": "CRYPTO_KEY_USER", "2407": "CRYPTO_SESSION",
}
