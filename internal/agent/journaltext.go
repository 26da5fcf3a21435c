package agent

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
)

// messageBytes is how journalctl writes a message that is no UTF-8 or holds control
// characters: an array of its bytes. The name in quotes cannot stand inside a value.
var messageBytes = []byte(`"MESSAGE":[`)

// readable turns a message of bytes into text, so that it is read like any other: a
// program, or who speaks to it, must not hide a line by a byte in it. The bytes stay
// beside it as MESSAGE_BYTES. name is the encoding that the text was in.
func readable(entry []byte) (text []byte, name string) {
	at := bytes.Index(entry, messageBytes)
	if at < 0 {
		return entry, ""
	}
	from := at + len(messageBytes) - 1
	length := bytes.IndexByte(entry[from:], ']') + 1
	var numbers []uint8
	var wide []int // a slice of bytes would be read as base64
	if json.Unmarshal(entry[from:from+length], &wide) != nil {
		return entry, "" // several values: an array of texts
	}
	for _, n := range wide {
		numbers = append(numbers, uint8(n))
	}
	message, name := decodeJapanese(numbers)
	value, err := json.Marshal(message)
	if err != nil {
		return entry, ""
	}
	text = append(text, entry[:from]...)
	text = append(text, value...)
	text = append(text, `,"MESSAGE_BYTES":`...)
	return append(text, entry[from:]...), name
}

// decodeJapanese reads bytes as the first encoding that has all of them; bytes that
// none has become U+FFFD.
func decodeJapanese(b []byte) (text, name string) {
	if utf8.Valid(b) {
		return string(b), ""
	}
	for _, e := range []struct {
		name string
		from encoding.Encoding
	}{{"euc-jp", japanese.EUCJP}, {"cp932", japanese.ShiftJIS}} {
		if out, err := e.from.NewDecoder().Bytes(b); err == nil && !bytes.ContainsRune(out, utf8.RuneError) {
			return string(out), e.name
		}
	}
	return string(bytes.ToValidUTF8(b, []byte("\ufffd"))), ""
}
