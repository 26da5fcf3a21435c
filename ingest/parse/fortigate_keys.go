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

// fortiKeyInfo is one key. local is "fortinet.KEY"; set by fortiSlots.
type fortiKeyInfo struct {
	name, local string
	op          fortiOp
	field       event.Field
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
	{name: "app", op: fortiApp}, {name: "attack", op: fortiAttack}, {name: "attackname", op: fortiAttack}, {name: "signature", op: fortiAttack}, {name: "virus", op: fortiVirus},
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

// maxKnownKey bounds the names of fortiKeys: two words.
const maxKnownKey = 16

// fortiSlot is a place of the table: a key's name moved to the end of its words.
type fortiSlot struct {
	first, second uint64
	index         uint8 // in fortiKeys, plus one; 0 is an empty place
}

const fortiSlotBits = 9

// fortiSlots finds a key's index: open addressing.
var fortiSlots = func() (slots [1 << fortiSlotBits]fortiSlot) {
	for i := range fortiKeys {
		k := &fortiKeys[i]
		k.local = "fortinet." + k.name
		first, second := fortiWords([]byte(k.name))
		at := fortiHash(first, second)
		for slots[at].index != 0 {
			at = (at + 1) % uint64(len(slots))
		}
		slots[at] = fortiSlot{first, second, uint8(i + 1)}
	}
	return slots
}()

// fortiKey measures the key when b begins with "key=" and says which of fortiKeys it
// is; size is 0 when b does not, index -1 when the key is another. Both are read from
// the first two words of eight bytes where the line is long enough.
func fortiKey(b []byte) (size, index int) {
	if len(b) >= maxKnownKey {
		first, second := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
		size = equalsSign(first)
		if size < 8 {
			first, second = first<<uint(64-8*size), 0
		} else {
			n := equalsSign(second)
			size += n
			second <<= uint(64 - 8*n)
		}
		if size < maxKnownKey {
			if index = fortiIndex(first, second); index >= 0 {
				return size, index
			}
		}
	}
	if size = fortiKeySize(b); size == 0 || size > maxKnownKey {
		return size, -1
	}
	return size, fortiIndex(fortiWords(b[:size]))
}

// equalsSign is the place of the first "=" of eight bytes, 8 without one.
func equalsSign(word uint64) int {
	x := word ^ 0x3d3d3d3d3d3d3d3d
	return bits.TrailingZeros64((x-0x0101010101010101)&^x&0x8080808080808080) / 8
}

// fortiWords are the words of a key of up to maxKnownKey bytes.
func fortiWords(key []byte) (first, second uint64) {
	for i, c := range key {
		if i < 8 {
			first |= uint64(c) << (8 * i)
		} else {
			second |= uint64(c) << (8 * (i - 8))
		}
	}
	if n := len(key); n <= 8 {
		return first << uint(64-8*n), 0
	}
	return first, second << (8 * (maxKnownKey - len(key)))
}

func fortiHash(first, second uint64) uint64 {
	const odd = 0x9e3779b97f4a7c15
	return (first*odd ^ second) * odd >> (64 - fortiSlotBits)
}

// fortiIndex is the place in fortiKeys of a key, -1 of an unknown one.
func fortiIndex(first, second uint64) int {
	at := fortiHash(first, second)
	for {
		s := &fortiSlots[at]
		if s.first == first && s.second == second || s.index == 0 {
			return int(s.index) - 1
		}
		at = (at + 1) % uint64(len(fortiSlots))
	}
}
