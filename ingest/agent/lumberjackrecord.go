package agent

import (
	"yagura/internal/event"
)

// record is what is kept of an event; false: it is empty. That of version 2 is its JSON
// document as it came; that of version 1 its line, and beside it the other pairs.
func (f *ljFrame) record() (Record, bool) {
	if f.kind == 'J' {
		return cutRecord(f.data, f.original, nil), len(f.data) > 0
	}
	for i, p := range f.pairs {
		if k := string(p.key); k == "line" || k == "message" {
			return cutRecord(p.value, p.original, f.fill(i)), len(p.value) > 0
		}
	}
	raw := []byte{'{'}
	for i, p := range f.pairs {
		if i > 0 {
			raw = append(raw, ',')
		}
		raw = jsonAppend(append(jsonAppend(raw, p.key), ':'), p.value)
	}
	return Record{Raw: append(raw, '}')}, len(f.pairs) > 0
}

// cutRecord flags what was cut on its way here.
func cutRecord(raw []byte, original int, fill func(*event.Draft)) Record {
	if original <= len(raw) {
		return Record{Raw: raw, Fill: fill}
	}
	return Record{Raw: raw, Fill: func(d *event.Draft) {
		d.Truncated(original)
		if fill != nil {
			fill(d)
		}
	}}
}

// fill sets the pairs beside the line, which is the i-th.
func (f *ljFrame) fill(line int) func(*event.Draft) {
	return func(d *event.Draft) {
		for i, p := range f.pairs {
			switch k := string(p.key); {
			case i == line:
			case k == "file":
				setAbsent(d, event.LogFilePath, p.value)
			case k == "host":
				setAbsent(d, event.HostName, p.value)
			case k == "offset":
				setNamed(d, "labels.", "log.offset", p.value)
			default:
				setNamed(d, "labels.", k, p.value)
			}
		}
	}
}
