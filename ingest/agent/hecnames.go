package agent

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"yagura/internal/event"
)

// maxName is the longest name of a sender's own that becomes a field's.
const maxName = 256

// setAbsent sets a field that the parser did not find.
func setAbsent(d *event.Draft, f event.Field, v []byte) {
	if len(v) > 0 && !d.Has(f) {
		d.Set(f, v)
	}
}

func setLocal(d *event.Draft, name string, v []byte) {
	if len(v) > 0 {
		d.Set(d.Local(name), v)
	}
}

// setNamed sets what a sender gave a name and the parser did not find: the ECS field of
// that name, if the values are of its kind; else a field of its own, under prefix, or
// under labels where the name is one of ours. What yagura itself finds out has names
// that nobody else gives.
func setNamed(d *event.Draft, prefix, name string, values ...[]byte) {
	if name == "" {
		return
	}
	own := strings.HasPrefix(name, "yagura.")
	f, known := event.FieldByName(name)
	if !known || own || slices.ContainsFunc(values, func(v []byte) bool { return !ofKind(f, v) }) {
		if known || own {
			prefix = "labels."
		}
		f = d.LocalBytes(prefix, []byte(name[:min(len(name), maxName)]))
	}
	if d.Has(f) {
		return
	}
	for _, v := range values {
		if len(v) > 0 {
			d.Set(f, v)
		}
	}
}

// ofKind tells whether the value may stand in the field.
func ofKind(f event.Field, v []byte) bool {
	switch f.Kind() {
	case event.IP:
		_, err := netip.ParseAddr(string(v))
		return err == nil
	case event.Long:
		_, err := strconv.ParseInt(string(v), 10, 64)
		return err == nil
	case event.Keyword:
		return true
	}
	return false
}
