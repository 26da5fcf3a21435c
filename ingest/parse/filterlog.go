package parse

import "yagura/internal/event"

// filterlog parses the packet filter's lines of pfSense and OPNsense: CSV whose
// columns depend on the version of IP. Source: Netgate, "Raw Filter Log Format".
type filterlog struct{}

func (filterlog) name() string      { return "pfsense.filterlog" }
func (filterlog) aliases() []string { return []string{"opnsense.filterlog"} }
func (filterlog) tags() []string    { return []string{"filterlog"} }

func (filterlog) match(l *Line) int {
	if string(l.Tag) == "filterlog" && len(l.Body) > 20 && (digit(l.Body[0]) || l.Body[0] == ',') {
		return 97
	}
	return 0
}

var (
	filterlogFour = []csvPlace{{16, event.NetworkTransport}, {18, event.SourceIP}, {19, event.DestinationIP}}
	filterlogSix  = []csvPlace{{12, event.NetworkTransport}, {15, event.SourceIP}, {16, event.DestinationIP}}
)

func (filterlog) parse(l *Line) bool {
	c := cutCSV(l.Body)
	if c.n < 9 {
		return false
	}
	setObserver(l.Draft, "Netgate", "pfSense", "firewall")
	typ := ""
	switch string(c.column[6]) {
	case "pass":
		typ = "allowed"
	case "block", "reject":
		typ = "denied"
	}
	setClass(l.Draft, "network", typ)
	setText(l, event.EventAction, c.column[6])
	if id := c.column[3]; len(id) > 0 && string(id) != "0" {
		l.Set(event.RuleID, id) // the tracker: the number that stays
	} else {
		setText(l, event.RuleID, c.column[0])
	}
	setIfaceDirection(l, c.column[4], string(c.column[7]) == "out")
	places, ports := filterlogFour, 20
	if string(c.column[8]) == "6" {
		places, ports = filterlogSix, 17
	}
	if c.n < ports {
		partial(l.Draft, "filterlog:cut")
	}
	c.set(l, places)
	if t, _ := l.Get(event.NetworkTransport); string(t) == "tcp" || string(t) == "udp" {
		c.set(l, []csvPlace{{ports, event.SourcePort}, {ports + 1, event.DestinationPort}})
	}
	return true
}
