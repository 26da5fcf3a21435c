package agent

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yagura/internal/event"
)

// recordedOTLP is what go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp
// v0.23.0 sent for three records: a line, a map with every kind of value, an event
// without a body. The exporter itself would bring gRPC into the module.
const recordedOTLP = `CooFCmkKFAoJaG9zdC5uYW1lEgcKBWFwcDAzChIKC3Byb2Nlc3MucGlkEgMY5yQKIAoMc2VydmljZS5uYW1l
EhAKDnNoaW5zZWktcG9ydGFsChsKD3NlcnZpY2UudmVyc2lvbhIICgYyLjE0LjASnAQKGQoXanAuZXhhbXBsZS5wb3J0YWwubG9naW4S0AEJFaHZ
XmLDrhgQDRoEV0FSTiptCmtNYXkgMTIgMTc6MTU6MzAgYXBwMDMgc3NoZFsyMjExXTogRmFpbGVkIHBhc3N3b3JkIGZvciBpbnZhbGlkIHVzZXIg
b3JhY2xlIGZyb20gMjAzLjAuMTEzLjc3IHBvcnQgNTEwMjIgc3NoMjIkCg1sb2cuZmlsZS5wYXRoEhMKES92YXIvbG9nL2F1dGgubG9nRQEAAABK
EFuO//eYA4ED0mm2M4E/xgxSCO7hm37DwbF0WRVrdJpiw64YEvABCRWh2V5iw64YEBEqiQEyhgEKEQoGYWN0aW9uEgcKBWxvZ2luCg0KBGJsb2IS
BToDAQL/CgkKA21mYRICEAAKGAoFcm9sZXMSDyoNCgcKBWNsZXJrCgIYBwoSCgVzY29yZRIJIQAAAAAAANA/CgsKBXRyaWVzEgIYAwocCgR1c2Vy
EhQyEgoQCgRuYW1lEggKBnN1enVraTIeCg5jbGllbnQuYWRkcmVzcxIMCgoxOTIuMC4yLjQwMg0KA2VudhIGCgRwcm9kRQEAAABKEFuO//eYA4ED
0mm2M4E/xgxSCO7hm37DwbF0WRVrdJpiw64YEjkJFaHZXmLDrhgqADIUCgpzZXNzaW9uLmlkEgYKBHMtMTlZBHtcHc0p6xhiDXNlc3Npb24uc3Rh
cnQ=`

func recorded(t testing.TB) []byte {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(recordedOTLP, "\n", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// sameInJSON is the recorded request in OTLP's JSON.
const sameInJSON = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[
 {"timeUnixNano":"1778573730123456789","severityNumber":13,"severityText":"WARN","body":{"stringValue":"May 12 17:15:30 app03 sshd[2211]: Failed password for invalid user oracle from 203.0.113.77 port 51022 ssh2"},
  "attributes":[{"key":"log.file.path","value":{"stringValue":"/var/log/auth.log"}}],"flags":1,"traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"eee19b7ec3c1b174","observedTimeUnixNano":"1778573731123456789"},
 {"timeUnixNano":1778573730123456789,"severityNumber":17,"body":{"kvlistValue":{"values":[{"key":"action","value":{"stringValue":"login"}},{"key":"blob","value":{"bytesValue":"AQL/"}},{"key":"mfa","value":{"boolValue":false}},
  {"value":{"arrayValue":{"values":[{"stringValue":"clerk"},{"intValue":"7"}]}},"key":"roles"},{"key":"score","value":{"doubleValue":0.25}},{"key":"tries","value":{"intValue":3}},{"key":"user","value":{"kvlistValue":{"values":[{"key":"name","value":{"stringValue":"suzuki"}}]}}}]}},
  "attributes":[{"key":"client.address","value":{"stringValue":"192.0.2.40"}},{"key":"env","value":{"stringValue":"prod"}}],"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174"},
 {"timeUnixNano":"1778573730123456789","severityText":null,"body":{},"attributes":[{"key":"session.id","value":{"stringValue":"s-19"}}],"eventName":"session.start","traceId":"","somethingNew":[{}]}],
 "scope":{"name":"jp.example.portal.login","attributes":[]}}],
 "resource":{"attributes":[{"key":"host.name","value":{"stringValue":"app03"}},{"key":"process.pid","value":{"intValue":"4711"}},{"key":"service.name","value":{"stringValue":"shinsei-portal"}},{"key":"service.version","value":{"stringValue":"2.14.0"}}]}}]}`

const otlpWant = `May 12 17:15:30 app03 sshd[2211]: Failed password for invalid user oracle from 203.0.113.77 port 51022 ssh2 @08:15:30.123456789 log.level=warn trace.id=5b8efff798038103d269b633813fc60c span.id=eee19b7ec3c1b174 log.logger=jp.example.portal.login log.file.path=/var/log/auth.log host.name=app03 process.pid=4711 service.name=shinsei-portal service.version=2.14.0
{"action":"login","blob":"AQL/","mfa":false,"roles":["clerk",7],"score":0.25,"tries":3,"user":{"name":"suzuki"}} @08:15:30.123456789 log.level=error trace.id=5b8efff798038103d269b633813fc60c span.id=eee19b7ec3c1b174 log.logger=jp.example.portal.login client.ip=192.0.2.40 env=prod host.name=app03 process.pid=4711 service.name=shinsei-portal service.version=2.14.0
{"event.name":"session.start","session.id":"s-19"} @08:15:30.123456789 log.logger=jp.example.portal.login event.action=session.start session.id=s-19 host.name=app03 process.pid=4711 service.name=shinsei-portal service.version=2.14.0`

// renderOTLP tells a body's records, a line each.
func renderOTLP(decode func([]byte, func(*otlpLog) error) error, body []byte) string {
	var out []string
	err := decode(body, func(l *otlpLog) error {
		r, ok := l.record()
		if !ok {
			out = append(out, "nothing")
			return nil
		}
		s := string(r.Raw)
		if !r.Time.IsZero() {
			s += " @" + r.Time.UTC().Format("15:04:05.999999999")
		}
		out = append(out, s+filled(r.Fill))
		return nil
	})
	if err != nil {
		out = append(out, err.Error())
	}
	return strings.Join(out, "\n")
}

func TestOTLPProto(t *testing.T) {
	if diff := cmp.Diff(otlpWant, renderOTLP(otlpProto, recorded(t))); diff != "" {
		t.Error(diff)
	}
	whole := recorded(t)
	for n := range len(whole) {
		if err := otlpProto(whole[:n], func(*otlpLog) error { return nil }); n > 0 && !errors.Is(err, errProto) {
			t.Fatalf("cut at %d: %v", n, err)
		}
	}
}

func TestOTLPJSON(t *testing.T) {
	if diff := cmp.Diff(otlpWant, renderOTLP(otlpJSON, []byte(sameInJSON))); diff != "" {
		t.Error(diff)
	}
	log := func(record string) string {
		return `{"resourceLogs":[{"scopeLogs":[{"logRecords":[` + record + `]}]}]}`
	}
	for _, c := range []struct{ in, want string }{
		{`{}`, ``},
		{`{"resourceLogs":[]}`, ``},
		{log(`{}`), `nothing`},
		{log(`{"body":{"stringValue":""}}`), `nothing`},
		{log(`{"observedTimeUnixNano":"1778573731000000000","body":{"intValue":"12"}}`), `12 @08:15:31`},
		{log(`{"body":{"arrayValue":{"values":[null,{},{"intValue":"x"}]}}}`), `[null,null,"x"]`},
		{log(`{"body":{"stringValue":"a"},"severityNumber":"SEVERITY_NUMBER_INFO","traceId":"zz","attributes":[{"key":"yagura.zone","value":{"stringValue":"lan"}},{"key":"source.ip","value":{"stringValue":"nobody"}}]}`), `a labels.yagura.zone=lan labels.source.ip=nobody`},
		{log(`{"timeUnixNano":"soon"}`), errOTLPJSON.Error()},
		{`{"resourceLogs":{}}`, errOTLPJSON.Error()},
		{`[]`, errOTLPJSON.Error()},
		{`{"resourceLogs":[`, errJSON.Error()},
		{log(`{"body":` + strings.Repeat(`{"arrayValue":{"values":[`, 40) + strings.Repeat(`]}}`, 40) + `}`), errDeep.Error()},
	} {
		if got := renderOTLP(otlpJSON, []byte(c.in)); got != c.want {
			t.Errorf("%.120s: %s; want %s", c.in, got, c.want)
		}
	}
}

// TestOTLPFillsWhatIsMissing and nothing twice: the document of a record without a body
// holds its attributes already.
func TestOTLPFillsWhatIsMissing(t *testing.T) {
	l := &otlpLog{attrs: []otlpAttr{{key: []byte("session.id"), value: []byte("s-19")}}, severity: 9}
	var d event.Draft
	d.Reset(nil)
	d.SetString(d.Local("session.id"), "s-19")
	l.fill(&d)
	if d.Len() != 2 {
		t.Errorf("%d fields; want session.id and log.level", d.Len())
	}
}

func TestOTLPProtoDeep(t *testing.T) {
	value := []byte{}
	for range 40 {
		value = pbAppendBytes(nil, 5, string(pbAppendBytes(nil, 1, string(value))))
	}
	body := pbAppendBytes(nil, 1, string(pbAppendBytes(nil, 2, string(pbAppendBytes(nil, 2, string(pbAppendBytes(nil, 5, string(value))))))))
	if err := otlpProto(body, func(*otlpLog) error { return nil }); !errors.Is(err, errDeep) {
		t.Error(err)
	}
}

func FuzzOTLP(f *testing.F) {
	f.Add(recorded(f))
	f.Add([]byte(sameInJSON))
	f.Add([]byte{0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01})
	f.Fuzz(func(t *testing.T, b []byte) {
		look := func(l *otlpLog) error {
			r, ok := l.record()
			if !ok {
				return nil
			}
			if len(r.Raw) > 2*len(b)+16<<20 {
				t.Fatalf("%d bytes out of %d", len(r.Raw), len(b))
			}
			if len(l.body) == 0 && !json.Valid(r.Raw) {
				t.Fatalf("no JSON: %q", r.Raw)
			}
			var d event.Draft
			d.Reset(r.Raw)
			d.Received = time.Unix(1, 0)
			r.Fill(&d)
			return nil
		}
		_ = otlpProto(b, look)
		_ = otlpJSON(b, look)
	})
}
