package agent

import (
	"encoding/base64"
	"encoding/hex"
	"math"
	"strconv"

	"yagura/internal/event"
)

// otlpProto calls f for each log record of an ExportLogsServiceRequest
// (opentelemetry/proto/collector/logs/v1). Unknown fields are passed over.
func otlpProto(body []byte, f func(l *otlpLog) error) error {
	l := &otlpLog{}
	return pbMessages(body, 1, func(resourceLogs []byte) error {
		l.resource = l.resource[:0]
		err := pbMessages(resourceLogs, 1, func(resource []byte) error { return pbAttrs(&l.resource, resource, 1) })
		if err != nil {
			return err
		}
		return pbMessages(resourceLogs, 2, func(scopeLogs []byte) error { return l.protoScope(scopeLogs, f) })
	})
}

func (l *otlpLog) protoScope(scopeLogs []byte, f func(l *otlpLog) error) error {
	l.scope, l.scopeName = l.scope[:0], nil
	err := pbMessages(scopeLogs, 1, func(scope []byte) error {
		err := pbAttrs(&l.scope, scope, 3)
		if err != nil {
			return err
		}
		return pbMessages(scope, 1, func(name []byte) error { l.scopeName = name; return nil })
	})
	if err == nil {
		err = l.envelope()
	}
	if err != nil {
		return err
	}
	return pbMessages(scopeLogs, 2, func(record []byte) error {
		l.clear()
		if err := pbEach(record, l.protoField); err != nil {
			return err
		}
		return f(l)
	})
}

// protoField takes a field of a LogRecord.
func (l *otlpLog) protoField(field pbField) (err error) {
	switch {
	case field.number == 1 && field.wire == pbFixed8:
		l.time = field.n
	case field.number == 11 && field.wire == pbFixed8:
		l.observed = field.n
	case field.number == 2 && field.wire == pbVarint:
		l.severity = int(min(field.n, 255))
	case field.wire != pbBytes:
	case field.number == 3:
		l.severityText = field.b
	case field.number == 5:
		l.body, _, err = pbText(field.b)
	case field.number == 6:
		return pbAttr(&l.attrs, field.b)
	case field.number == 9:
		l.trace = idText(field.b, 16)
	case field.number == 10:
		l.span = idText(field.b, 8)
	case field.number == 12:
		l.event = field.b
	}
	return err
}

// idText writes an identifier in hexadecimal; one of another length or of zeros is none.
func idText(id []byte, size int) []byte {
	for _, c := range id {
		if c != 0 && len(id) == size {
			return hex.AppendEncode(nil, id)
		}
	}
	return nil
}

// pbAttrs appends the attributes, field number of a message.
func pbAttrs(list *[]otlpAttr, message []byte, number int) error {
	return pbMessages(message, number, func(kv []byte) error { return pbAttr(list, kv) })
}

// pbAttr appends a KeyValue.
func pbAttr(list *[]otlpAttr, kv []byte) error {
	if len(*list) >= event.MaxFields {
		return nil
	}
	key, value, err := pbKeyValue(kv)
	if err != nil {
		return err
	}
	text, json, err := pbText(value)
	*list = append(*list, otlpAttr{key, text, json})
	return err
}

func pbKeyValue(kv []byte) (key, value []byte, err error) {
	err = pbEach(kv, func(field pbField) error {
		if field.wire == pbBytes && field.number == 1 {
			key = field.b
		} else if field.wire == pbBytes && field.number == 2 {
			value = field.b
		}
		return nil
	})
	return key, value, err
}

// pbText is an AnyValue as text: what a string says, else JSON. One that is not set is
// nil. The last field that is set counts.
func pbText(value []byte) (text []byte, json bool, err error) {
	var last pbField
	err = pbEach(value, func(field pbField) error { last = field; return nil })
	switch {
	case err != nil || last.number == 0:
		return nil, false, err
	case last.number == 1 && last.wire == pbBytes:
		return last.b, false, nil
	}
	text, err = pbJSON(nil, last, 0)
	return text, true, err
}

// pbJSON appends a value's JSON; field is one of AnyValue.
func pbJSON(b []byte, field pbField, depth int) ([]byte, error) {
	switch {
	case depth >= otlpDepth:
		return b, errDeep
	case len(b) > event.MaxRaw: // it will be cut
		return b, nil
	case field.number == 1 && field.wire == pbBytes:
		return jsonAppend(b, field.b), nil
	case field.number == 2 && field.wire == pbVarint:
		return strconv.AppendBool(b, field.n != 0), nil
	case field.number == 3 && field.wire == pbVarint:
		return strconv.AppendInt(b, int64(field.n), 10), nil
	case field.number == 4 && field.wire == pbFixed8:
		return jsonAppendFloat(b, math.Float64frombits(field.n)), nil
	case field.number == 5 && field.wire == pbBytes:
		return pbJSONList(append(b, '['), field.b, depth)
	case field.number == 6 && field.wire == pbBytes:
		return pbJSONMap(append(b, '{'), field.b, depth)
	case field.number == 7 && field.wire == pbBytes:
		return append(base64.StdEncoding.AppendEncode(append(b, '"'), field.b[:min(len(field.b), event.MaxRaw)]), '"'), nil
	}
	return append(b, "null"...), nil
}

func pbJSONList(b, list []byte, depth int) ([]byte, error) {
	n := 0
	err := pbMessages(list, 1, func(value []byte) (err error) {
		if n++; n > 1 {
			b = append(b, ',')
		}
		b, err = pbJSONValue(b, value, depth+1)
		return err
	})
	return append(b, ']'), err
}

func pbJSONMap(b, list []byte, depth int) ([]byte, error) {
	n := 0
	err := pbMessages(list, 1, func(kv []byte) error {
		if n++; n > 1 {
			b = append(b, ',')
		}
		key, value, err := pbKeyValue(kv)
		if err != nil {
			return err
		}
		b, err = pbJSONValue(append(jsonAppend(b, key), ':'), value, depth+1)
		return err
	})
	return append(b, '}'), err
}

// pbJSONValue appends an AnyValue's JSON; the last field that is set counts.
func pbJSONValue(b, value []byte, depth int) ([]byte, error) {
	var last pbField
	if err := pbEach(value, func(field pbField) error { last = field; return nil }); err != nil {
		return b, err
	}
	return pbJSON(b, last, depth)
}
