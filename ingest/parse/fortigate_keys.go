package parse

import (
	"encoding/binary"
	"math/bits"

	"yagura/internal/event"
)

// fortiOp is what a key's value is used for.
type fortiOp uint8

const (
	fortiLocal fortiOp = iota // kept as fortinet.KEY
	fortiField                // one field, as it is
	fortiDrop                 // says nothing
	fortiDate
	fortiClock
	fortiTZ
	fortiEpoch
	fortiType
	fortiSubtype
	fortiAction
	fortiStatus
	fortiResult
	fortiDescription
	fortiUI
	fortiRemoteIP
	fortiRemotePort
	fortiLocalIP
	fortiLocalPort
	fortiUser
	fortiOtherUser
	fortiPolicy
	fortiRule
	fortiProto
	fortiService
	fortiApp
	fortiAttack
	fortiVirus
	fortiText
	fortiConfigPath
	fortiDisposition
	fortiNATIP
	fortiNATPort
	fortiDNATIP
	fortiDNATPort
	fortiHostname
	fortiMAC
	fortiClientIP
	fortiSourceIP // from here on: a field when the value is fit for it
	fortiDestIP
	fortiPort
	fortiSent
	fortiReceived
	fortiNumber
	fortiName
	fortiCountry
	fortiReason
	fortiDuration
	fortiDigest
	fortiAnswers
)

// fortiKeyInfo is one key. local is "fortinet.KEY"; it and digest are set by
// fortiSlots.
type fortiKeyInfo struct {
	name, local string
	op          fortiOp
	field       event.Field
	digest      uint64
}

// fortiKeys are the keys with a meaning, and the others that most lines have.
var fortiKeys = [...]fortiKeyInfo{
	{name: "date", op: fortiDate}, {name: "time", op: fortiClock}, {name: "tz", op: fortiTZ}, {name: "eventtime", op: fortiEpoch},
	{name: "type", op: fortiType}, {name: "subtype", op: fortiSubtype}, {name: "action", op: fortiAction}, {name: "status", op: fortiStatus},
	{name: "result", op: fortiResult}, {name: "logdesc", op: fortiDescription}, {name: "ui", op: fortiUI},
	{name: "remip", op: fortiRemoteIP}, {name: "rem_ip", op: fortiRemoteIP}, {name: "remport", op: fortiRemotePort}, {name: "rem_port", op: fortiRemotePort},
	{name: "locip", op: fortiLocalIP}, {name: "loc_ip", op: fortiLocalIP}, {name: "locport", op: fortiLocalPort}, {name: "loc_port", op: fortiLocalPort},
	{name: "user", op: fortiUser}, {name: "srcuser", op: fortiUser}, {name: "xauthuser", op: fortiOtherUser}, {name: "unauthuser", op: fortiOtherUser},
	{name: "policyid", op: fortiPolicy}, {name: "rule", op: fortiRule}, {name: "proto", op: fortiProto}, {name: "service", op: fortiService},
	{name: "app", op: fortiApp}, {name: "attack", op: fortiAttack}, {name: "attackname", op: fortiAttack}, {name: "virus", op: fortiVirus},
	{name: "msg", op: fortiText}, {name: "cfgpath", op: fortiConfigPath}, {name: "trandisp", op: fortiDisposition}, {name: "tran_disp", op: fortiDisposition},
	{name: "transip", op: fortiNATIP}, {name: "tran_sip", op: fortiNATIP}, {name: "transport", op: fortiNATPort}, {name: "tran_sport", op: fortiNATPort},
	{name: "tranip", op: fortiDNATIP}, {name: "tran_ip", op: fortiDNATIP}, {name: "tranport", op: fortiDNATPort}, {name: "tran_port", op: fortiDNATPort},
	{name: "srcip", op: fortiSourceIP}, {name: "src", op: fortiSourceIP}, {name: "client_ip", op: fortiSourceIP},
	{name: "dstip", op: fortiDestIP}, {name: "dst", op: fortiDestIP}, {name: "dst_ip", op: fortiDestIP},
	{name: "srcport", op: fortiPort, field: event.SourcePort}, {name: "src_port", op: fortiPort, field: event.SourcePort},
	{name: "dstport", op: fortiPort, field: event.DestinationPort}, {name: "dst_port", op: fortiPort, field: event.DestinationPort},
	{name: "sentbyte", op: fortiSent}, {name: "sent", op: fortiSent}, {name: "rcvdbyte", op: fortiReceived}, {name: "rcvd", op: fortiReceived},
	{name: "sentpkt", op: fortiNumber, field: event.SourcePackets}, {name: "sent_pkt", op: fortiNumber, field: event.SourcePackets},
	{name: "rcvdpkt", op: fortiNumber, field: event.DestinationPackets}, {name: "rcvd_pkt", op: fortiNumber, field: event.DestinationPackets},
	{name: "filesize", op: fortiNumber, field: event.FileSize},
	{name: "srcname", op: fortiName, field: event.SourceDomain}, {name: "dstname", op: fortiName, field: event.DestinationDomain},
	{name: "srccountry", op: fortiCountry, field: event.SourceGeoName}, {name: "src_country", op: fortiCountry, field: event.SourceGeoName},
	{name: "dstcountry", op: fortiCountry, field: event.DestinationGeoName}, {name: "dst_country", op: fortiCountry, field: event.DestinationGeoName},
	{name: "reason", op: fortiReason}, {name: "duration", op: fortiDuration},
	{name: "filehash", op: fortiDigest}, {name: "analyticscksum", op: fortiDigest}, {name: "checksum", op: fortiDigest},
	{name: "hostname", op: fortiHostname}, {name: "mac", op: fortiMAC}, {name: "stamac", op: fortiMAC}, {name: "ip", op: fortiClientIP},
	{name: "devname", op: fortiField, field: event.ObserverName},
	{name: "devid", op: fortiField, field: event.ObserverSerialNumber}, {name: "device_id", op: fortiField, field: event.ObserverSerialNumber},
	{name: "logid", op: fortiField, field: event.EventCode}, {name: "log_id", op: fortiField, field: event.EventCode},
	{name: "level", op: fortiField, field: event.LogLevel}, {name: "pri", op: fortiField, field: event.LogLevel},
	{name: "srcintf", op: fortiField, field: event.ObserverIngressInterface}, {name: "src_int", op: fortiField, field: event.ObserverIngressInterface},
	{name: "dstintf", op: fortiField, field: event.ObserverEgressInterface}, {name: "dst_int", op: fortiField, field: event.ObserverEgressInterface},
	{name: "outintf", op: fortiField, field: event.ObserverEgressInterface},
	{name: "poluuid", op: fortiField, field: event.RuleUUID}, {name: "filename", op: fortiField, field: event.FileName},
	{name: "url", op: fortiField, field: event.URLOriginal}, {name: "http_url", op: fortiField, field: event.URLOriginal},
	{name: "http_host", op: fortiField, field: event.URLDomain}, {name: "catdesc", op: fortiField, field: event.RuleCategory},
	{name: "ref", op: fortiField, field: event.RuleReference},
	{name: "agent", op: fortiField, field: event.UserAgentOriginal}, {name: "http_agent", op: fortiField, field: event.UserAgentOriginal},
	{name: "httpmethod", op: fortiField, field: event.HTTPRequestMethod}, {name: "http_method", op: fortiField, field: event.HTTPRequestMethod},
	{name: "referralurl", op: fortiField, field: event.HTTPRequestReferrer}, {name: "http_refer", op: fortiField, field: event.HTTPRequestReferrer},
	{name: "group", op: fortiField, field: event.UserGroupName},
	{name: "srcmac", op: fortiField, field: event.SourceMAC}, {name: "dstmac", op: fortiField, field: event.DestinationMAC},
	{name: "qname", op: fortiField, field: event.DNSQuestionName}, {name: "qtype", op: fortiField, field: event.DNSQuestionType},
	{name: "qclass", op: fortiField, field: event.DNSQuestionClass}, {name: "ipaddr", op: fortiAnswers},
	{name: "from", op: fortiField, field: event.EmailFrom}, {name: "to", op: fortiField, field: event.EmailTo},
	{name: "subject", op: fortiField, field: event.EmailSubject},
	{name: "cookies", op: fortiDrop}, {name: "mastersrcmac", op: fortiDrop},
	// kept under their own name: here for speed
	{name: "vd"}, {name: "sender"}, {name: "recipient"}, {name: "sessionid"}, {name: "srcintfrole"}, {name: "dstintfrole"}, {name: "policytype"}, {name: "policyname"}, {name: "appcat"},
	{name: "appid"}, {name: "apprisk"}, {name: "applist"}, {name: "osname"}, {name: "srcswversion"}, {name: "srchwvendor"}, {name: "srcfamily"},
	{name: "srcserver"}, {name: "dstserver"}, {name: "dsthwvendor"}, {name: "devtype"}, {name: "utmaction"}, {name: "countapp"}, {name: "countweb"},
	{name: "countips"}, {name: "countav"}, {name: "countssl"}, {name: "vwlid"}, {name: "eventtype"}, {name: "profile"}, {name: "direction"},
	{name: "reqtype"}, {name: "method"}, {name: "cat"}, {name: "crscore"}, {name: "crlevel"}, {name: "craction"}, {name: "incidentserialno"},
	{name: "severity"}, {name: "attackid"}, {name: "tunneltype"}, {name: "tunnelid"}, {name: "tunnelip"}, {name: "sn"}, {name: "xid"},
	{name: "qtypeval"}, {name: "sslaction"}, {name: "lanin"}, {name: "lanout"}, {name: "wanin"}, {name: "wanout"}, {name: "dstinetsvc"},
	{name: "dstregion"}, {name: "dstcity"}, {name: "srccity"}, {name: "srcregion"}, {name: "sentdelta"}, {name: "rcvddelta"}, {name: "shapersentname"},
	{name: "unauthusersource"}, {name: "authserver"}, {name: "dstuuid"}, {name: "srcuuid"}, {name: "dstdevtype"}, {name: "dstosname"},
}

const fortiSlotBits = 10

// fortiSlots holds places in fortiKeys, plus one: open addressing.
var fortiSlots = func() (slots [1 << fortiSlotBits]uint8) {
	for i := range fortiKeys {
		k := &fortiKeys[i]
		k.local = "fortinet." + k.name
		k.digest = fortiHash([]byte(k.name))
		at := k.digest >> (64 - fortiSlotBits)
		for slots[at] != 0 {
			at = (at + 1) % uint64(len(slots))
		}
		slots[at] = uint8(i + 1)
	}
	return slots
}()

// fortiKey measures the key when b begins with "key=" and says which of fortiKeys it
// is; size is 0 when b does not, index -1 when the key is another. Both are read from
// the first words of eight bytes where these hold all of it.
func fortiKey(b []byte) (size, index int) {
	if len(b) >= 16 {
		first, second := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
		size, index = equalsSign(first), -1
		if size == 8 {
			if n := equalsSign(second); n < 8 {
				size += n
				index = fortiIndex(b[:size], fortiMix(first, second<<(63-8*n)<<1))
			}
		} else if size > 0 {
			index = fortiIndex(b[:size], fortiMix(first<<(64-8*size), 0))
		}
		if index >= 0 {
			return size, index
		}
	}
	if size = fortiKeySize(b); size == 0 {
		return 0, -1
	}
	return size, fortiIndex(b[:size], fortiHash(b[:size]))
}

// equalsSign is the place of the first "=" of eight bytes, 8 without one.
func equalsSign(word uint64) int {
	x := word ^ 0x3d3d3d3d3d3d3d3d
	return bits.TrailingZeros64((x-0x0101010101010101)&^x&0x8080808080808080) / 8
}

// fortiHash is the digest of a key's first sixteen bytes, moved to the end of one
// or two words.
func fortiHash(key []byte) uint64 {
	var words [2]uint64
	for i, c := range key[:min(len(key), 16)] {
		words[i/8] |= uint64(c) << (8 * (i % 8))
	}
	switch n := min(len(key), 16); {
	case n <= 8:
		return fortiMix(words[0]<<(64-8*n), 0)
	default:
		return fortiMix(words[0], words[1]<<(128-8*n))
	}
}

func fortiMix(first, second uint64) uint64 {
	const odd = 0x9e3779b97f4a7c15
	return (first*odd ^ second) * odd
}

// fortiIndex is the place in fortiKeys of a key with its digest, -1 of an unknown one.
func fortiIndex(key []byte, digest uint64) int {
	for at := digest >> (64 - fortiSlotBits); ; at = (at + 1) % uint64(len(fortiSlots)) {
		i := int(fortiSlots[at]) - 1
		if i < 0 || fortiKeys[i].digest == digest && fortiKeys[i].name == string(key) {
			return i
		}
	}
}
