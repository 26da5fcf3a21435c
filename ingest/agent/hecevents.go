package agent

import (
	"bytes"
	"strconv"
	"time"

	"yagura/internal/event"
)

// hecMeta is what the envelope of an event or the query of a request says beside it.
type hecMeta struct {
	time                            time.Time
	host, source, sourcetype, index []byte
	fields                          []byte // a flat JSON object; nil: none
}

// hecEvent is one of a request to /services/collector/event.
type hecEvent struct {
	raw []byte // what the event says, when it is a string; else its JSON as it came
	hecMeta
}

// hecCode is an answer of the event collector's contract.
type hecCode struct {
	code, status int
	text         string
}

func (c *hecCode) Error() string { return c.text }

// The answers that are given.
var (
	hecSuccess       = &hecCode{0, 200, "Success"}
	hecTokenRequired = &hecCode{2, 401, "Token is required"}
	hecAuthorization = &hecCode{3, 401, "Invalid authorization"}
	hecToken         = &hecCode{4, 403, "Invalid token"}
	hecNoData        = &hecCode{5, 400, "No data"}
	hecFormat        = &hecCode{6, 400, "Invalid data format"}
	hecBusy          = &hecCode{9, 503, "Server is busy"}
	hecNoChannel     = &hecCode{10, 400, "Data channel is missing"}
	hecChannelBad    = &hecCode{11, 400, "Invalid data channel"}
	hecNoEvent       = &hecCode{12, 400, "Event field is required"}
	hecBlank         = &hecCode{13, 400, "Event field cannot be blank"}
	hecFields        = &hecCode{15, 400, "Error in handling indexed fields"}
	hecQueryAuth     = &hecCode{16, 400, "Query string authorization is not enabled"}
	hecHealthy       = &hecCode{17, 200, "HEC is healthy"}
	hecFull          = &hecCode{18, 503, "HEC is unhealthy, queues are full"}
)

// hecEach calls f for each event of a body: JSON objects one after the other, with or
// without anything between them, or an array of them. What an event does not say is as
// in meta. n is the number of events before the error: *hecCode, or f's own.
func hecEach(body []byte, meta hecMeta, f func(e hecEvent) error) (n int, err error) {
	one := func(value []byte) error {
		if !jsonValid(value) {
			return hecFormat
		}
		e, err := hecRead(value, meta)
		if err == nil {
			err = f(e)
		}
		if err == nil {
			n++
		}
		return err
	}
	rest := jsonSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
	if len(rest) == 0 {
		return 0, hecNoData
	}
	for len(rest) > 0 {
		value, behind, ok := jsonCut(rest)
		switch {
		case !ok:
			return n, hecFormat
		case value[0] == '[' && !jsonValid(value):
			return n, hecFormat
		case value[0] == '[':
			err = jsonElements(value, one)
		default:
			err = one(value)
		}
		if err != nil {
			return n, err
		}
		rest = jsonSpace(behind)
	}
	if n == 0 {
		return 0, hecNoData
	}
	return n, nil
}

// hecRead reads an envelope, which is valid JSON.
func hecRead(value []byte, meta hecMeta) (hecEvent, error) {
	e := hecEvent{hecMeta: meta}
	var said []byte
	err := jsonMembers(value, func(key string, v []byte) (err error) {
		null := string(v) == "null"
		switch {
		case key == "event":
			said = v
		case null:
		case key == "time":
			var ok bool
			if e.time, ok = hecTime(jsonText(v)); !ok {
				return hecFormat
			}
		case key == "host":
			e.host = jsonText(v)
		case key == "source":
			e.source = jsonText(v)
		case key == "sourcetype":
			e.sourcetype = jsonText(v)
		case key == "index":
			e.index = jsonText(v)
		case key == "fields":
			if e.fields = v; !hecFlat(v) {
				return hecFields
			}
		}
		return nil
	})
	switch {
	case err == errJSON:
		return e, hecFormat
	case err != nil:
		return e, err
	case said == nil || string(said) == "null":
		return e, hecNoEvent
	}
	if e.raw = jsonText(said); len(e.raw) == 0 {
		return e, hecBlank
	}
	return e, nil
}

// hecFlat tells whether fields hold nothing but values and lists of values.
func hecFlat(fields []byte) bool {
	return jsonMembers(fields, func(_ string, v []byte) error {
		switch v[0] {
		case '{':
			return hecFields
		case '[':
			return jsonElements(v, func(v []byte) error {
				if v[0] == '{' || v[0] == '[' {
					return hecFields
				}
				return nil
			})
		}
		return nil
	}) == nil
}

// hecTime reads seconds since 1970 with or without a fraction, exactly; 13, 16 and 19
// digits are milliseconds, microseconds and nanoseconds.
func hecTime(b []byte) (time.Time, bool) {
	whole, fraction, _ := bytes.Cut(bytes.TrimSpace(b), []byte("."))
	n, err := strconv.ParseInt(string(whole), 10, 64)
	if err != nil || bytes.ContainsAny(fraction, "eE") {
		f, err := strconv.ParseFloat(string(b), 64) // 1.7e9
		if err != nil || !(0 <= f && f < 1e11) {
			return time.Time{}, false
		}
		return time.UnixMicro(int64(f * 1e6)), true
	}
	switch {
	case n >= 1e17:
		return time.Unix(0, n), true
	case n >= 1e14:
		return time.UnixMicro(n), true
	case n >= 1e11:
		return time.UnixMilli(n), true
	case n < 0:
		return time.Time{}, false
	}
	ns := 0
	for i := range 9 {
		ns *= 10
		if i < len(fraction) {
			if fraction[i] < '0' || fraction[i] > '9' {
				return time.Time{}, false
			}
			ns += int(fraction[i] - '0')
		}
	}
	return time.Unix(n, int64(ns)), true
}

// hecLines calls f for each line of a body to /services/collector/raw that is not empty.
func hecLines(body []byte, f func(line []byte) error) (n int, err error) {
	for line := range bytes.SplitSeq(body, []byte("\n")) {
		if line = bytes.TrimSuffix(line, []byte("\r")); len(line) == 0 {
			continue
		}
		if err := f(line); err != nil {
			return n, err
		}
		n++
	}
	if n == 0 {
		return 0, hecNoData
	}
	return n, nil
}

// fill sets what the envelope says and the event did not.
func (m *hecMeta) fill(d *event.Draft) {
	setAbsent(d, event.HostName, m.host)
	if bytes.ContainsAny(m.source, `/\`) {
		setAbsent(d, event.LogFilePath, m.source)
	} else {
		setLocal(d, "splunk.source", m.source)
	}
	setLocal(d, "splunk.sourcetype", m.sourcetype)
	setLocal(d, "splunk.index", m.index)
	_ = jsonMembers(m.fields, func(key string, v []byte) error {
		values := [][]byte{v}
		if v[0] == '[' {
			values = nil
			_ = jsonElements(v, func(v []byte) error { values = append(values, v); return nil })
		}
		for i := range values[:min(len(values), event.MaxFields)] {
			values[i] = jsonText(values[i])
		}
		setNamed(d, "labels.", key, values[:min(len(values), event.MaxFields)]...)
		return nil
	})
}
