package parse

import (
	"bytes"

	"yagura/internal/event"
)

// The columns of Snare after the word MSWinEventLog. Source: Snare agent guide,
// "Event output format".
const (
	snareCriticality = iota
	snareChannel
	snareCounter
	snareTime
	snareID
	snareSource
	snareUser
	snareUserType
	snareKind
	snareComputer
	snareCategory
	snareData
	snareText
	snareColumns
)

// readSnare reads "MSWinEventLog<tab>1<tab>Security<tab>...". A relay may have
// written tabs as #011.
func (r *winRecord) readSnare(b []byte) bool {
	b = b[len("MSWinEventLog"):]
	var column [snareColumns + 1][]byte
	n := 0
	for ; n < len(column) && len(b) > 0; n++ {
		column[n], b = snareCut(b, n == 0)
	}
	if n < snareSource || !isNumber(column[snareID]) {
		partial(r.Draft, "snare:cut")
		r.untag(nil)
		return n > snareChannel
	}
	r.id, r.channel, r.provider = column[snareID], column[snareChannel], column[snareSource]
	r.written, r.kind, r.computer = column[snareTime], column[snareKind], column[snareComputer]
	if s, n, ok := readStamp(r.written); ok && n == len(r.written) {
		r.setStamp(s)
	}
	r.written = nil
	if !none(column[snareCounter]) {
		r.Set(event.WinlogRecordID, column[snareCounter])
	}
	if u := column[snareUser]; !none(u) && !isSID(u) {
		r.userName = u
	}
	r.message = column[snareCategory]
	for _, c := range column[snareCategory:] { // agents leave columns out: the text is the longest
		if len(c) > len(r.message) {
			r.message = c
		}
	}
	r.Body = r.message
	r.readText(r.message, legacyID(r.id) == "4634" || legacyID(r.id) == "4647")
	return true
}

// snareCut cuts a column. The word in front of the first may be followed by a
// blank.
func snareCut(b []byte, first bool) (column, rest []byte) {
	if first {
		switch {
		case b[0] == '\t' || b[0] == ' ':
			b = b[1:]
		case hasPrefix(b, "#011"):
			b = b[4:]
		}
	}
	tab := bytes.IndexByte(b, '\t')
	relay := index(b, "#011")
	switch {
	case tab < 0 && relay < 0:
		return b, nil
	case relay < 0 || tab >= 0 && tab < relay:
		return b[:tab], b[tab+1:]
	}
	return b[:relay], b[relay+4:]
}

func isNumber(b []byte) bool { _, ok := number(b); return ok }

func isSID(b []byte) bool { return hasPrefix(b, "S-1-") || hasPrefix(b, "S-X-") }
