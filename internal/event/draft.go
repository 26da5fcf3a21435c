package event

import (
	"slices"
	"strconv"
	"time"
	"unsafe"
)

// Bounds of one event. A parser may rely on them; Draft enforces them.
const (
	MaxRaw    = 256 << 10 // bytes of a raw line
	MaxValue  = 1<<16 - 1 // bytes of one value; a longer one is cut (AnomalyValueCut)
	MaxFields = 512       // fields of one event; more are dropped (AnomalyFieldLimit)
)

// Flags of an event.
const (
	FlagUnparsed   uint16 = 1 << iota // no parser understood the content: only header or nothing
	FlagPartial                       // a parser understood a part and says where it broke (yagura.anomaly)
	FlagTruncated                     // the raw line was cut at a bound; yagura.original_length says how long it was
	FlagClock                         // the device's clock is not to be trusted: use Received for windows
	FlagNoTime                        // the line held no readable time: Time is Received
	FlagHistory                       // imported, not live
	FlagTimeZone                      // the line itself named its zone or epoch
	flagLongFields                    // reserved
	FlagReplay                        // with FlagHistory: rules are to be run over it all the same
)

// Anomalies that this package and the receivers set; parsers add their own short
// slugs ("fortigate:unterminated_quote"). A slug never holds text of the line.
const (
	AnomalyValueCut   = "value_cut"
	AnomalyFieldLimit = "field_limit"
	AnomalyTruncated  = "truncated"
)

// ref is a field of a draft or of an encoded event: eight bytes.
type ref struct {
	name Field
	size uint16
	off  uint32 // from the start of the event's bytes; nullOff is null
}

const nullOff = ^uint32(0)

// Draft is one event while it is received and parsed. It owns a growing buffer
// that starts with the raw line; values are slices of that buffer, so a parser
// calls Set with sub-slices of Raw or Text and nothing is copied. Reset and use
// it again: a warmed-up draft allocates nothing. Not safe for concurrent use.
type Draft struct {
	Received time.Time // when the line arrived; never zero in a block
	Time     time.Time // the device's time; zero means Received
	Source   Source    // who sent it
	Flags    uint16

	buf     []byte
	rawLen  int
	text    span // decoded text; the raw line when it is UTF-8
	message span
	refs    []ref
	names   localNames
}

// Reset empties the draft and copies raw into it. A raw longer than MaxRaw is
// cut and flagged.
func (d *Draft) Reset(raw []byte) {
	whole := len(raw)
	if whole > MaxRaw {
		raw = raw[:MaxRaw]
	}
	// Room for decoded values: slices that a parser holds stay inside the buffer.
	d.buf = append(slices.Grow(d.buf[:0], 2*len(raw)+512), raw...)
	d.rawLen = len(raw)
	d.text = span{0, len(raw)}
	d.message = noSpan
	d.refs = d.refs[:0]
	d.names.reset()
	d.Flags = 0
	d.Received, d.Time = time.Time{}, time.Time{}
	d.Source = Source{}
	if whole > MaxRaw {
		d.Truncated(whole)
	}
}

// Truncated marks the raw line as cut from original bytes.
func (d *Draft) Truncated(original int) {
	d.Flags |= FlagTruncated
	d.Anomaly(AnomalyTruncated)
	d.SetInt(YaguraOriginalLength, int64(original))
}

// Raw returns the line exactly as received. Valid until Reset.
func (d *Draft) Raw() []byte { return d.buf[:d.rawLen:d.rawLen] }

// Text returns the line as UTF-8: what parsers read. It is Raw unless SetText
// was called.
func (d *Draft) Text() []byte { return d.at(d.text) }

// SetText replaces the text with a decoded copy (Japanese encodings, stripped
// framing). The raw bytes stay as they are.
func (d *Draft) SetText(text []byte) { d.text = d.keep(text) }

// Message returns what SetMessage set, nil before.
func (d *Draft) Message() []byte { return d.at(d.message) }

// SetMessage sets the free text of the event: the ECS field message.
func (d *Draft) SetMessage(text []byte) { d.message = d.keep(text) }

// Set adds a field. v may be a slice of Raw or Text (nothing is copied) or any
// other bytes (copied). Setting a field twice makes an array of it: use Replace
// to change one. An empty v is present and empty.
func (d *Draft) Set(f Field, v []byte) {
	if f == 0 || len(d.refs) >= MaxFields {
		d.fieldLimit()
		return
	}
	if len(v) > MaxValue {
		v = v[:MaxValue]
		d.anomalyOnce(AnomalyValueCut)
	}
	at := d.keep(v)
	d.refs = append(d.refs, ref{f, uint16(at.size), uint32(at.off)})
}

// SetString is Set for a constant or a computed string.
func (d *Draft) SetString(f Field, s string) {
	d.Set(f, unsafe.Slice(unsafe.StringData(s), len(s)))
}

// SetInt sets the decimal text of n.
func (d *Draft) SetInt(f Field, n int64) {
	var tmp [20]byte
	d.Set(f, strconv.AppendInt(tmp[:0], n, 10))
}

// SetNull notes that the field is present and null (Sigma: exists is true, and
// the null condition is true).
func (d *Draft) SetNull(f Field) {
	if f == 0 || len(d.refs) >= MaxFields {
		d.fieldLimit()
		return
	}
	d.refs = append(d.refs, ref{f, 0, nullOff})
}

// Replace sets the field, dropping any earlier values of it.
func (d *Draft) Replace(f Field, v []byte) {
	d.Delete(f)
	d.Set(f, v)
}

// Delete drops all values of the field.
func (d *Draft) Delete(f Field) {
	kept := d.refs[:0]
	for _, r := range d.refs {
		if r.name != f {
			kept = append(kept, r)
		}
	}
	d.refs = kept
}

// Local returns the field for a name that is not ECS, interned for this event;
// an ECS name returns its interned field. At most MaxFields local names.
func (d *Draft) Local(name string) Field {
	if f, ok := fieldIndex[name]; ok {
		return f
	}
	return d.names.intern(name)
}

// LocalBytes is Local for a name cut from the line, after an optional prefix:
// LocalBytes("winlog.event_data.", name).
func (d *Draft) LocalBytes(prefix string, name []byte) Field {
	d.names.scratch = append(append(d.names.scratch[:0], prefix...), name...)
	if f, ok := fieldIndex[string(d.names.scratch)]; ok {
		return f
	}
	return d.names.internBytes(d.names.scratch)
}

// Get returns the first value of f; nil and false when absent, nil and true
// when null.
func (d *Draft) Get(f Field) ([]byte, bool) {
	for _, r := range d.refs {
		if r.name == f {
			return d.value(r), true
		}
	}
	return nil, false
}

// Has reports whether the field is present.
func (d *Draft) Has(f Field) bool { _, ok := d.Get(f); return ok }

// Len is the number of field values.
func (d *Draft) Len() int { return len(d.refs) }

// At returns the i-th field and its value, in the order they were set.
func (d *Draft) At(i int) (Field, []byte) { return d.refs[i].name, d.value(d.refs[i]) }

// NameOf returns the name of a field of this draft.
func (d *Draft) NameOf(f Field) string {
	if f >= FirstLocal {
		return d.names.name(f)
	}
	return f.Name()
}

// Anomaly notes, as a short slug, that something in the line was not as it
// should be.
func (d *Draft) Anomaly(slug string) { d.SetString(YaguraAnomaly, slug) }

func (d *Draft) anomalyOnce(slug string) {
	for _, r := range d.refs {
		if r.name == YaguraAnomaly && string(d.value(r)) == slug {
			return
		}
	}
	d.Anomaly(slug)
}

// fieldLimit keeps the last place for the mark that fields were dropped.
func (d *Draft) fieldLimit() {
	if len(d.refs) == MaxFields && d.refs[MaxFields-1].name != YaguraAnomaly {
		d.buf = append(d.buf, AnomalyFieldLimit...)
		d.refs[MaxFields-1] = ref{YaguraAnomaly, uint16(len(AnomalyFieldLimit)), uint32(len(d.buf) - len(AnomalyFieldLimit))}
	}
}

func (d *Draft) value(r ref) []byte {
	if r.off == nullOff {
		return nil
	}
	if r.size == 0 {
		return []byte{}
	}
	end := int(r.off) + int(r.size)
	return d.buf[r.off:end:end]
}

// span is a place in the buffer: it outlives the buffer's growth.
type span struct{ off, size int }

var noSpan = span{off: -1}

func (d *Draft) at(s span) []byte {
	if s.off < 0 {
		return nil
	}
	return d.buf[s.off : s.off+s.size : s.off+s.size]
}

// keep returns the place of v in the buffer, copying it there when it is
// elsewhere.
func (d *Draft) keep(v []byte) span {
	off, ok := d.offset(v)
	if !ok {
		off = len(d.buf)
		d.buf = append(d.buf, v...)
	}
	return span{off, len(v)}
}

// offset tells where v lies in the buffer. A slice of an older, outgrown buffer
// is not found and is copied: correct, only slower.
func (d *Draft) offset(v []byte) (int, bool) {
	if len(v) == 0 || len(d.buf) == 0 {
		return 0, len(v) == 0
	}
	base := uintptr(unsafe.Pointer(unsafe.SliceData(d.buf)))
	at := uintptr(unsafe.Pointer(unsafe.SliceData(v)))
	if at < base || at+uintptr(len(v)) > base+uintptr(len(d.buf)) {
		return 0, false
	}
	return int(at - base), true
}
