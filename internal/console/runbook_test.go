package console

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"yagura/internal/event"
)

func TestRunbookLinks(t *testing.T) {
	pair := func(name, value string) event.Pair { return event.Pair{Name: name, Value: value} }
	i := event.Incident{Group: []event.Pair{pair("source.ip", "203.0.113.7"), pair("user.name", "x'; reboot")}, First: event.Alert{Count: 2, Events: []event.AlertEvent{
		{Fields: []event.Pair{pair("host.name", "web01"), pair("process.name", "sshd")}}, {Fields: []event.Pair{pair("host.name", "web01"), pair("process.name", "su")}}}}}
	for _, c := range []struct {
		text string
		want []runbookPart
	}{
		{"call them", []runbookPart{{Text: "call them"}}},
		{"1. see yagura query 'source.ip:<who> host.name:<端末> | count by 1h' --since 7d。\n2. next", []runbookPart{{Text: "1. see "},
			{`yagura query 'source.ip:"203.0.113.7" host.name:"web01" | count by 1h' --since 7d`, "/search?q=source.ip%3A%22203.0.113.7%22+host.name%3A%22web01%22+%7C+count+by+1h&since=7d"}, {Text: "。\n2. next"}}},
		{"yagura query 'event.code:7045'", []runbookPart{{}, {"yagura query 'event.code:7045'", "/search?q=event.code%3A7045&since=24h"}, {}}},
		{"yagura query 'process.name:<which> source.ip:<who>' x", []runbookPart{{}, {Text: `yagura query 'process.name:<which> source.ip:"203.0.113.7"'`}, {Text: " x"}}},
		{"yagura query 'user.name:<whom>'", []runbookPart{{}, {Text: "yagura query 'user.name:<whom>'"}, {}}},
		{"yagura query 'x", []runbookPart{{Text: "yagura query 'x"}}},
	} {
		if d := cmp.Diff(c.want, runbook(i, c.text)); d != "" {
			t.Errorf("%s:\n%s", c.text, d)
		}
	}
}
