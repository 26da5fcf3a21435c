package event

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestJSONIsFlatTypedAndSafeOnATerminal(t *testing.T) {
	d := draft(t, "sshd \x1b[31mroot\u202e \"q\" \xff")
	d.SetString(SourcePort, "007")
	var b Builder
	b.Append(d)
	block, err := b.Block(eid, at)
	if err != nil {
		t.Fatal(err)
	}
	got := string(block.Event(0).AppendJSON(nil))
	want := `{"@timestamp":"2026-11-24T02:59:59.123456789Z","event.ingested":"2026-11-24T03:00:00.123456789Z","yagura.peer":"192.0.2.1",` +
		`"yagura.listener":"udp","yagura.tenant":"demo","message":"\u001b[31mroot\u202e \"q\" ` + "\ufffd" + `","process.name":"sshd","source.port":[22,"007"],` +
		`"event.category":["network","authentication"],"TargetUserName":"山田","user.name":null,"user.domain":"",` +
		`"event.original":"sshd \u001b[31mroot\u202e \"q\" ` + "\ufffd" + `"}`
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if !json.Valid([]byte(got)) {
		t.Error("not valid JSON")
	}
}
