package agent

import (
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strconv"
)

// otlp serves OTLP's logs over HTTP (OpenTelemetry protocol, "OTLP/HTTP").
type otlp struct{ *Server }

func (s *Server) routesOTLP() {
	o := otlp{s}
	s.handleAs("POST /v1/logs", o.refuse, o.logs)
	for _, other := range []string{"traces", "metrics", "profiles", "v1development/profiles"} {
		s.handleAs("POST /v1/"+other, o.refuse, func(w http.ResponseWriter, r *http.Request, _ Sender) {
			o.refuse(w, r, &refusal{Status: http.StatusNotFound, Text: "only logs are taken, at /v1/logs"})
		})
	}
}

// Types of a body.
const (
	typeProto = "application/x-protobuf"
	typeJSON  = "application/json"
)

func typeOf(r *http.Request) string {
	t, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return t
}

// logs serves /v1/logs. Nothing is taken of a body that has a fault anywhere; records
// that say nothing are rejected in the answer (partial success).
func (o otlp) logs(w http.ResponseWriter, r *http.Request, who Sender) {
	decode := otlpProto
	switch typeOf(r) {
	case typeProto:
	case typeJSON:
		decode = otlpJSON
	default:
		o.refuse(w, r, &refusal{Status: http.StatusUnsupportedMediaType, Text: "want Content-Type " + typeProto + " or " + typeJSON})
		return
	}
	body, err := o.body(w, r, who)
	if err != nil {
		o.refuse(w, r, err)
		return
	}
	defer body.Close()
	rejected := 0
	err = decode(body.Bytes, func(l *otlpLog) error {
		if _, some := l.record(); !some {
			rejected++
		}
		return nil
	})
	if err != nil {
		o.failed.Add(1)
		o.refuse(w, r, &refusal{Status: http.StatusBadRequest, Text: err.Error()})
		return
	}
	in := o.intake(who)
	defer in.Close()
	err = in.bring(r, body, func(take func(Record) error) error {
		return decode(body.Bytes, func(l *otlpLog) error {
			if record, some := l.record(); some {
				return take(record)
			}
			return nil
		})
	})
	if err != nil {
		o.refuse(w, r, err)
		return
	}
	o.answer(w, r, rejected)
	in.Answered(w, r)
}

// answer writes an ExportLogsServiceResponse.
func (o otlp) answer(w http.ResponseWriter, r *http.Request, rejected int) {
	text := ""
	if rejected > 0 {
		text = fmt.Sprintf("%d records have neither a body nor attributes", rejected)
	}
	if typeOf(r) == typeJSON {
		answer := map[string]any{}
		if rejected > 0 {
			answer["partialSuccess"] = map[string]string{"rejectedLogRecords": strconv.Itoa(rejected), "errorMessage": text}
		}
		writeJSON(w, http.StatusOK, answer)
		return
	}
	var b []byte
	if rejected > 0 {
		partial := pbAppendBytes(pbAppendVarint(nil, 1, uint64(rejected)), 2, text)
		b = pbAppendBytes(nil, 1, string(partial))
	}
	writeProto(w, http.StatusOK, b)
}

// refuse answers an error as a google.rpc.Status. Exporters send again after 429 and
// 503 only.
func (o otlp) refuse(w http.ResponseWriter, r *http.Request, err error) {
	f := *explain(err)
	if errors.Is(err, errSlow) || errors.Is(err, errCut) {
		f.Status = http.StatusServiceUnavailable
	}
	f.headers(w.Header())
	if typeOf(r) == typeProto {
		writeProto(w, f.Status, pbAppendBytes(pbAppendVarint(nil, 1, rpcCode(f.Status)), 2, f.Text))
		return
	}
	writeJSON(w, f.Status, struct {
		Code    uint64 `json:"code"`
		Message string `json:"message"`
	}{rpcCode(f.Status), f.Text})
}

// rpcCode is gRPC's number for an HTTP status.
func rpcCode(status int) uint64 {
	switch status {
	case http.StatusUnauthorized:
		return 16 // UNAUTHENTICATED
	case http.StatusForbidden:
		return 7 // PERMISSION_DENIED
	case http.StatusTooManyRequests:
		return 8 // RESOURCE_EXHAUSTED
	case http.StatusServiceUnavailable:
		return 14 // UNAVAILABLE
	case http.StatusNotFound, http.StatusUnsupportedMediaType:
		return 12 // UNIMPLEMENTED
	}
	return 3 // INVALID_ARGUMENT
}

func writeProto(w http.ResponseWriter, status int, b []byte) {
	w.Header().Set("Content-Type", typeProto)
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	w.WriteHeader(status)
	_, _ = w.Write(b)
}
