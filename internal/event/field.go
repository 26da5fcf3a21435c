package event

// Field is an interned field name. Zero is no field. Values below FirstLocal
// are the ECS and yagura names of fields.go: their numbers are part of the block
// format and never change. Values from FirstLocal up are names of one block
// (see Block.Name): vendor fields, Windows EventData names.
type Field uint16

// FirstLocal is the first number of a name that is local to a block.
const FirstLocal Field = 1024

// Kind says how a field's text is to be shown and stored.
type Kind uint8

// Kinds of values. A value is text in the block whatever its kind.
const (
	Keyword Kind = iota // text, compared whole
	Text                // free text
	Long                // decimal integer
	Float               // decimal number
	IP                  // address, canonical text
	Date                // RFC 3339
	Bool                // true or false
)

type fieldInfo struct {
	name string
	kind Kind
	list bool // ECS defines the field as an array
}

// Name returns the ECS name, or "" for a local or unknown field.
func (f Field) Name() string {
	if int(f) < len(fields) {
		return fields[f].name
	}
	return ""
}

// Kind returns the kind of the field's values; Keyword for local fields.
func (f Field) Kind() Kind {
	if int(f) < len(fields) {
		return fields[f].kind
	}
	return Keyword
}

// IsList reports whether ECS defines the field as an array.
func (f Field) IsList() bool { return int(f) < len(fields) && fields[f].list }

// FieldByName returns the interned field of an ECS name; ok is false when the
// name is not in the table and must be kept as a local name.
func FieldByName(name string) (f Field, ok bool) {
	f, ok = fieldIndex[name]
	return f, ok
}

// FieldNames returns every name of the table, in the order of their numbers.
func FieldNames() []string {
	names := make([]string, 0, len(fields)-1)
	for _, info := range fields[1:] {
		names = append(names, info.name)
	}
	return names
}

// fieldIndex is immutable after start.
var fieldIndex = func() map[string]Field {
	m := make(map[string]Field, len(fields))
	for i, info := range fields {
		if i > 0 {
			m[info.name] = Field(i)
		}
	}
	return m
}()
