package store

import (
	"fmt"
	"testing"
	"time"

	"yagura/internal/event"
)

var sampleStart = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

// sampleBlock is a block of n events of the common kinds, all different, sealed
// in the seq-th second of the day.
func sampleBlock(t testing.TB, seq uint64, n int) *event.Block {
	t.Helper()
	return sampleBlockAt(t, seq, n, sampleStart.Add(time.Duration(seq)*time.Second))
}

func sampleBlockAt(t testing.TB, seq uint64, n int, at time.Time) *event.Block {
	t.Helper()
	var b event.Builder
	var d event.Draft
	for i := range n {
		sampleEvent(&d, int(seq)*100_000+i)
		d.Received = at.Add(time.Duration(i) * time.Microsecond)
		d.Time = d.Received.Add(-150 * time.Millisecond)
		b.Append(&d)
	}
	b.Tally(event.Tally{Source: event.Source{Peer: "192.0.2.1", Listener: "udp:127.0.0.1:5514"},
		Received: uint64(n) + 3, Refused: [7]uint64{1, 2}})
	block, err := b.Block(event.ID{Tenant: "demo", Node: "node-1", Epoch: uint64(sampleStart.Add(-time.Hour).UnixNano()), Seq: seq}, at)
	if err != nil {
		t.Fatal(err)
	}
	return block
}

func sampleEvent(d *event.Draft, i int) {
	switch i % 4 {
	case 0:
		sampleSSH(d, i)
	case 1:
		sampleFirewall(d, i)
	case 2:
		sampleProxy(d, i)
	default:
		sampleWindows(d, i)
	}
	d.Source = event.Source{Peer: "192.0.2.1", Listener: "udp:127.0.0.1:5514"}
}

func sampleSSH(d *event.Draft, i int) {
	user, ip := fmt.Sprintf("user%d", i%300), fmt.Sprintf("203.0.113.%d", i%250)
	head := fmt.Sprintf("<38>Nov 24 18:00:%02d web%d sshd[%d]: ", i%60, i%20, 1000+i%3000)
	message := fmt.Sprintf("Failed password for invalid user %s from %s port %d ssh2", user, ip, 20000+i%40000)
	d.Reset([]byte(head + message))
	d.SetMessage(d.Raw()[len(head):])
	d.SetString(event.YaguraParser, "linux.sshd")
	d.SetString(event.HostName, fmt.Sprintf("web%d", i%20))
	d.SetString(event.ProcessName, "sshd")
	d.SetInt(event.ProcessPID, int64(1000+i%3000))
	d.SetString(event.EventCategory, "authentication")
	d.SetString(event.EventType, "start")
	d.SetString(event.EventAction, "ssh_login")
	d.SetString(event.EventOutcome, "failure")
	d.SetString(event.UserName, user)
	d.SetString(event.SourceIP, ip)
	d.SetInt(event.SourcePort, int64(20000+i%40000))
	d.SetInt(event.SyslogSeverityCode, 6)
	d.SetInt(event.SyslogFacilityCode, 4)
	d.SetString(event.YaguraSourceZone, "outside")
	d.SetString(event.YaguraZone, "internet")
	d.SetString(event.NetworkDirection, "inbound")
}

func sampleFirewall(d *event.Draft, i int) {
	src, dst := fmt.Sprintf("10.0.%d.%d", i%16, i%250), fmt.Sprintf("198.51.100.%d", i%250)
	d.Reset(fmt.Appendf(nil, `<189>date=2026-11-24 time=18:00:%02d devname="fw-%d" type="traffic" subtype="forward" srcip=%s srcport=%d dstip=%s dstport=443 action="accept" policyid=%d sentbyte=%d rcvdbyte=%d`,
		i%60, i%3, src, 30000+i%30000, dst, i%40, i%9000, i%90000))
	for _, f := range []struct {
		f event.Field
		v string
	}{
		{event.YaguraParser, "fortinet.fortigate"}, {event.ObserverVendor, "Fortinet"}, {event.ObserverProduct, "FortiGate"},
		{event.ObserverName, fmt.Sprintf("fw-%d", i%3)}, {event.HostName, fmt.Sprintf("fw-%d", i%3)},
		{event.EventCategory, "network"}, {event.EventType, "connection"}, {event.EventType, "allowed"}, {event.EventAction, "accept"},
		{event.SourceIP, src}, {event.DestinationIP, dst}, {event.NetworkTransport, "tcp"}, {event.NetworkDirection, "outbound"},
		{event.YaguraSourceZone, "lgwan"}, {event.YaguraDestinationZone, "outside"}, {event.RuleID, fmt.Sprint(i % 40)},
	} {
		d.SetString(f.f, f.v)
	}
	d.SetInt(event.SourcePort, int64(30000+i%30000))
	d.SetInt(event.DestinationPort, 443)
	d.SetInt(event.SourceBytes, int64(i%9000))
	d.SetInt(event.DestinationBytes, int64(i%90000))
	d.SetString(d.Local("fortinet.subtype"), "forward")
	d.SetString(d.Local("fortinet.type"), "traffic")
}

func sampleProxy(d *event.Draft, i int) {
	d.Reset(fmt.Appendf(nil, `1732438800.%03d 120 10.1.%d.%d TCP_MISS/200 %d GET http://www%d.example.jp/page/%d - HIER_DIRECT/198.51.100.7 text/html`,
		i%1000, i%16, i%250, i%50000, i%500, i))
	d.SetString(event.YaguraParser, "squid")
	d.SetString(event.HostName, "proxy1")
	d.SetString(event.ProcessName, "squid")
	d.SetString(event.EventCategory, "web")
	d.SetString(event.HTTPRequestMethod, "GET")
	d.SetInt(event.HTTPResponseStatusCode, 200)
	d.SetString(event.URLDomain, fmt.Sprintf("www%d.example.jp", i%500))
	d.SetString(event.URLOriginal, fmt.Sprintf("http://www%d.example.jp/page/%d", i%500, i))
	d.SetString(event.SourceIP, fmt.Sprintf("10.1.%d.%d", i%16, i%250))
	d.SetString(event.DestinationIP, "198.51.100.7")
	d.SetInt(event.HTTPResponseBodyBytes, int64(i%50000))
	d.SetString(event.HTTPResponseMimeType, "text/html")
}

func sampleWindows(d *event.Draft, i int) {
	d.Reset(fmt.Appendf(nil, `{"winlog":{"event_id":4625,"computer_name":"dc%d","event_data":{"TargetUserName":"staff%d","LogonType":"3"}},"message":"ログオンに失敗しました。"}`, i%2, i%400))
	d.SetMessage([]byte("ログオンに失敗しました。\n対象: staff"))
	d.SetString(event.YaguraParser, "windows")
	d.SetString(event.HostName, fmt.Sprintf("dc%d", i%2))
	d.SetString(event.EventCode, "4625")
	d.SetString(event.EventProvider, "Microsoft-Windows-Security-Auditing")
	d.SetString(event.EventCategory, "authentication")
	d.SetString(event.EventOutcome, "failure")
	d.SetString(event.UserName, fmt.Sprintf("staff%d", i%400))
	d.SetString(event.SourceIP, "2001:db8::1")
	d.SetString(event.WinlogLogonType, "3")
	d.SetString(event.WinlogKeywords, "Audit Failure")
	d.SetString(event.WinlogKeywords, "Classic")
	d.SetString(d.Local("winlog.event_data.TargetUserName"), fmt.Sprintf("staff%d", i%400))
	d.SetString(d.Local("winlog.event_data.SubStatus"), "0xc000006a")
}
