package agent

import (
	"encoding/hex"
	"errors"
	"strconv"

	"yagura/internal/event"
)

// errOTLPJSON says that a body is JSON and no request.
var errOTLPJSON = errors.New("no ExportLogsServiceRequest")

// otlpJSON is otlpProto for a body in JSON (OTLP, "JSON Protobuf Encoding"): names in
// lowerCamelCase, identifiers in hexadecimal, 64-bit numbers as text or numbers.
func otlpJSON(body []byte, f func(l *otlpLog) error) error {
	if !jsonValid(body) {
		return errJSON
	}
	l := &otlpLog{}
	err := jsonUnder(body, "resourceLogs", func(resourceLogs []byte) error {
		l.resource = l.resource[:0]
		if err := jsonAttrsOf(&l.resource, resourceLogs, "resource"); err != nil {
			return err
		}
		return jsonUnder(resourceLogs, "scopeLogs", func(scopeLogs []byte) error { return l.jsonScope(scopeLogs, f) })
	})
	if errors.Is(err, errJSON) {
		return errOTLPJSON
	}
	return err
}

// jsonUnder calls f for each element of the array of that name.
func jsonUnder(object []byte, name string, f func(value []byte) error) error {
	return jsonMembers(object, func(key string, value []byte) error {
		if key != name {
			return nil
		}
		return jsonElements(value, f)
	})
}

// jsonAttrsOf appends the attributes of the object of that name.
func jsonAttrsOf(list *[]otlpAttr, object []byte, name string) error {
	return jsonMembers(object, func(key string, value []byte) error {
		if key != name {
			return nil
		}
		return jsonUnder(value, "attributes", func(kv []byte) error { return jsonAttr(list, kv) })
	})
}

func (l *otlpLog) jsonScope(scopeLogs []byte, f func(l *otlpLog) error) error {
	l.scope, l.scopeName = l.scope[:0], nil
	if err := jsonAttrsOf(&l.scope, scopeLogs, "scope"); err != nil {
		return err
	}
	err := jsonMembers(scopeLogs, func(key string, scope []byte) error {
		if key != "scope" {
			return nil
		}
		return jsonMembers(scope, func(key string, value []byte) error {
			if key == "name" {
				l.scopeName, _ = jsonString(value)
			}
			return nil
		})
	})
	if err == nil {
		err = l.envelope()
	}
	if err != nil {
		return err
	}
	return jsonUnder(scopeLogs, "logRecords", func(record []byte) error {
		l.clear()
		if err := jsonMembers(record, l.jsonField); err != nil {
			return err
		}
		return f(l)
	})
}

// jsonField takes a member of a LogRecord.
func (l *otlpLog) jsonField(key string, v []byte) (err error) {
	if string(v) == "null" {
		return nil
	}
	switch key {
	case "timeUnixNano":
		l.time, err = jsonUint(v)
	case "observedTimeUnixNano":
		l.observed, err = jsonUint(v)
	case "severityNumber":
		var n uint64
		n, _ = jsonUint(v) // or the name of the number
		l.severity = int(min(n, 255))
	case "severityText":
		l.severityText, _ = jsonString(v)
	case "body":
		l.body, _, err = jsonAny(v)
	case "attributes":
		return jsonElements(v, func(kv []byte) error { return jsonAttr(&l.attrs, kv) })
	case "traceId":
		l.trace = jsonID(v, 16)
	case "spanId":
		l.span = jsonID(v, 8)
	case "eventName":
		l.event, _ = jsonString(v)
	}
	return err
}

func jsonUint(v []byte) (uint64, error) {
	n, err := strconv.ParseUint(string(jsonText(v)), 10, 64)
	if err != nil {
		return 0, errOTLPJSON
	}
	return n, nil
}

func jsonID(v []byte, size int) []byte {
	s, _ := jsonString(v)
	id, err := hex.DecodeString(string(s))
	if err != nil {
		return nil
	}
	return idText(id, size)
}

// jsonAttr appends a KeyValue.
func jsonAttr(list *[]otlpAttr, kv []byte) error {
	if len(*list) >= event.MaxFields {
		return nil
	}
	key, value, err := jsonKeyValue(kv)
	if err != nil {
		return err
	}
	text, json, err := jsonAny(value)
	*list = append(*list, otlpAttr{key, text, json})
	return err
}

// jsonKeyValue is what a KeyValue holds; a value that is missing is null.
func jsonKeyValue(kv []byte) (key, value []byte, err error) {
	value = []byte("null")
	err = jsonMembers(kv, func(name string, v []byte) error {
		switch name {
		case "key":
			key, _ = jsonString(v)
		case "value":
			value = v
		}
		return nil
	})
	return key, value, err
}

// jsonAny is an AnyValue as text: see pbText.
func jsonAny(v []byte) (text []byte, json bool, err error) {
	kind, inside, err := jsonKind(v)
	switch {
	case err != nil || kind == "":
		return nil, false, err
	case kind == "stringValue":
		text, _ = jsonString(inside)
		return text, false, nil
	}
	text, err = jsonAnyAppend(nil, v, 0)
	return text, true, err
}

// jsonKind is the member of an AnyValue that is set last.
func jsonKind(v []byte) (kind string, inside []byte, err error) {
	err = jsonMembers(v, func(key string, value []byte) error {
		if string(value) != "null" {
			kind, inside = key, value
		}
		return nil
	})
	return kind, inside, err
}

// jsonAnyAppend appends an AnyValue as the JSON that it stands for.
func jsonAnyAppend(b, v []byte, depth int) ([]byte, error) {
	if depth >= otlpDepth {
		return b, errDeep
	}
	kind, inside, err := jsonKind(v)
	if err != nil || len(b) > event.MaxRaw {
		return b, err
	}
	n := 0
	comma := func() {
		if n++; n > 1 {
			b = append(b, ',')
		}
	}
	switch kind {
	case "stringValue", "bytesValue":
		return jsonAppend(b, jsonText(inside)), nil
	case "boolValue", "doubleValue":
		return append(b, inside...), nil
	case "intValue":
		if n, err := strconv.ParseInt(string(jsonText(inside)), 10, 64); err == nil {
			return strconv.AppendInt(b, n, 10), nil
		}
		return jsonAppend(b, jsonText(inside)), nil
	case "arrayValue":
		b = append(b, '[')
		err = jsonUnder(inside, "values", func(v []byte) (err error) {
			comma()
			b, err = jsonAnyAppend(b, v, depth+1)
			return err
		})
		return append(b, ']'), err
	case "kvlistValue":
		b = append(b, '{')
		err = jsonUnder(inside, "values", func(kv []byte) error {
			comma()
			key, value, err := jsonKeyValue(kv)
			if err != nil {
				return err
			}
			b, err = jsonAnyAppend(append(jsonAppend(b, key), ':'), value, depth+1)
			return err
		})
		return append(b, '}'), err
	}
	return append(b, "null"...), nil
}
