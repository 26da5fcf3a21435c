package agent

import (
	"strings"
	"testing"
	"time"
)

func TestOTLPAnswers(t *testing.T) {
	b := serve(t, func(c *Config) { c.Patience = 300 * time.Millisecond })
	auth := func(more ...string) []string { return append([]string{"Authorization", "Bearer " + b.token}, more...) }
	proto, inJSON := auth("Content-Type", typeProto), auth("Content-Type", "application/json; charset=utf-8")
	body := string(recorded(t))
	for _, c := range []struct {
		name, body string
		headers    []string
		want       string
	}{
		{"protobuf", body, proto, "200 "},
		{"protobuf, gzip", gzipped(body), append(proto, "Content-Encoding", "gzip"), "200 "},
		{"JSON", sameInJSON, inJSON, "200 {}"},
		{"nothing", "", proto, "200 "},
		{"a record that says nothing", `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{},{"body":{"stringValue":"some"}}]}]}]}`, inJSON,
			`200 {"partialSuccess":{"errorMessage":"1 records have neither a body nor attributes","rejectedLogRecords":"1"}}`},
		{"the same in protobuf", "\x0a\x04\x12\x02\x12\x00", proto, "200 0\b\x01\x12,1 records have neither a body nor attributes"},
		{"cut", body[:100], proto, "400 \b\x03\x12\x13" + errProto.Error()},
		{"no JSON", "{", inJSON, `400 {"code":3,"message":"no JSON"}`},
		{"another type", body, auth("Content-Type", "text/plain"), `415 {"code":12,"message":"want Content-Type application/x-protobuf or application/json"}`},
		{"no token", body, []string{"Content-Type", typeProto}, "401 \b\x10\x12" + string(rune(len(errUnknown.Text))) + errUnknown.Text},
	} {
		if got := b.ask("POST", "/v1/logs", c.body, c.headers...); got != strings.TrimSpace(c.want) && got != c.want {
			t.Errorf("%s: %q; want %q", c.name, got, c.want)
		}
	}
	if got := b.ask("POST", "/v1/traces", body, proto...); !strings.HasPrefix(got, "404 ") {
		t.Errorf("traces: %q", got)
	}
	if n := len(b.disk.got()); n != 3*3+1 {
		t.Errorf("%d records taken; want 10", n)
	}
	b.disk.setFull(true)
	if got := b.ask("POST", "/v1/logs", body, proto...); !strings.HasPrefix(got, "503 \b\x0e") {
		t.Errorf("full: %q", got)
	}
}
