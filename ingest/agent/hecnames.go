package agent

import (
	"net/netip"
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

// setNamed sets what a sender gave a name: the ECS field of that name, if the parser did
// not find it and the value is of its kind; else a field of its own, under prefix, or
// under labels where the name is one of ours. What yagura itself finds out has names
// that nobody else gives.
func setNamed(d *event.Draft, prefix, name string, v []byte) {
	if name == "" || len(v) == 0 {
		return
	}
	own := strings.HasPrefix(name, "yagura.")
	f, known := event.FieldByName(name)
	if known && !own && ofKind(f, v) {
		setAbsent(d, f, v)
		return
	}
	if known || own {
		prefix = "labels."
	}
	d.Set(d.LocalBytes(prefix, []byte(name[:min(len(name), maxName)])), v)
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
