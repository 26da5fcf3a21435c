package store

import (
	"bytes"
	"slices"
	"unsafe"

	"yagura/internal/event"
	"yagura/internal/store/native"
	"yagura/internal/store/schema"
)

// Separator joins the values of a field that has several, in fields.
const Separator = "\x1f"

// add appends the events of a block for which keep is true; a nil keep takes all.
func (r *rowset) add(b Block, keep func(index int) bool) {
	r.startBlock(b)
	hits, marks := newHits(b.Verdict)
	for i := range b.Block.Len() {
		if keep == nil || keep(i) {
			r.event(b.Block.Event(i))
			r.verdict(b.Verdict, &hits, &marks, i)
			r.rows++
		}
	}
	id := b.Block.ID
	r.tenant.Fill(r.rows, r.tenant.Index([]byte(id.Tenant)))
	r.node.Fill(r.rows, r.node.Index([]byte(id.Node)))
	r.epoch.Fill(r.rows, id.Epoch)
	r.blockSeq.Fill(r.rows, id.Seq)
	r.busSeq.Fill(r.rows, b.Seq)
	r.blockTime.Fill(r.rows, blockTime(b.Block))
	missing := uint8(0)
	if b.Verdict == nil {
		missing = 1
	}
	r.verdictMissing.Fill(r.rows, missing)
}

// finish pads every column to the number of rows.
func (r *rowset) finish() {
	for _, c := range r.columns {
		c.Column.Pad(r.rows)
	}
}

func (r *rowset) startBlock(b Block) {
	names := b.Block.Names()
	r.localKeys = slices.Grow(r.localKeys[:0], len(names))[:len(names)]
	clear(r.localKeys)
	// Local numbers mean other names in every block: forget their stamps.
	if n := int(event.FirstLocal) + len(names); len(r.seen) < n {
		r.seen = append(r.seen, make([]uint32, n-len(r.seen))...)
	}
	clear(r.seen[event.FirstLocal:])
	r.sourceKnown = false
}

func (r *rowset) event(e event.Event) {
	row := r.rows
	raw := e.Raw()
	r.raw.Set(row, raw)
	r.rawLen = append(r.rawLen, uint32(len(raw)))
	r.message(row, raw, e.Message())
	r.idx.Set(row, uint16(e.Index()))
	r.flags.Set(row, e.Flags())
	r.timestamp.Set(row, microseconds(e.TimeNano()))
	r.ingested.Set(row, e.ReceivedNano())
	r.source(row, e.Source())
	mark := r.fields.Mark()
	r.again = r.again[:0]
	for i := range e.Len() {
		f, v := e.At(i)
		if int(f) >= len(r.targets) || v == nil {
			r.toFields(row, e, f, v)
		} else if !r.typed(row, &r.targets[f], v) {
			r.toFields(row, e, f, v)
		}
	}
	if len(r.again) > 0 {
		r.joinRepeated(row, e, mark)
	}
}

// typed stores v in the field's column; false when the column cannot hold it
// exactly.
func (r *rowset) typed(row int, t *target, v []byte) bool {
	switch t.kind {
	case schema.Word:
		if t.dict.Rows() > row {
			return false
		}
		t.dict.Set(row, v)
	case schema.Text:
		if t.text.Rows() > row {
			return false
		}
		t.text.Set(row, v)
	case schema.List:
		t.list.Add(row, v)
	case schema.Port:
		n, ok := number(v, 1<<16-1)
		if !ok || t.port.Rows() > row {
			return false
		}
		t.port.Set(row, uint16(n))
	case schema.Count:
		n, ok := number(v, 1<<63)
		if !ok || t.count.Rows() > row {
			return false
		}
		t.count.Set(row, n)
	case schema.Code:
		n, ok := number(v, 127)
		if !ok || t.code.Rows() > row {
			return false
		}
		t.code.Set(row, int8(n))
	case schema.Address:
		a, ok := address(v)
		if !ok || t.address.Rows() > row {
			return false
		}
		t.address.Set(row, a)
	default:
		return false
	}
	return true
}

func (r *rowset) toFields(row int, e event.Event, f event.Field, v []byte) {
	if int(f) >= len(r.seen) {
		return
	}
	scalar := int(f) < len(r.targets) && r.targets[f].kind != schema.Rest
	if r.seen[f] == uint32(row)+1 || scalar && v != nil {
		// A second value, or a text beside a typed value: kept joined.
		r.again = append(r.again, f)
	}
	r.seen[f] = uint32(row) + 1
	r.fields.Add(row, r.fieldKey(e, f), v)
}

func (r *rowset) fieldKey(e event.Event, f event.Field) uint32 {
	keys, i := r.keys, f
	if f >= event.FirstLocal {
		keys, i = r.localKeys, f-event.FirstLocal
	}
	at := &keys[i]
	if *at == 0 {
		*at = r.fields.Key([]byte(e.Block().NameOf(f))) + 1
	}
	return *at - 1
}

// joinRepeated writes the row's map again, now with the values of repeated
// fields joined: rare, so it may be slow.
func (r *rowset) joinRepeated(row int, e event.Event, mark native.Mark) {
	r.fields.Rewind(mark)
	for i := range e.Len() {
		f, _ := e.At(i)
		if int(f) >= len(r.seen) || r.seen[f] != uint32(row)+1 {
			continue
		}
		r.seen[f] = 0
		r.joined = r.joined[:0]
		for j := i; j < e.Len(); j++ {
			if g, v := e.At(j); g == f {
				if j > i {
					r.joined = append(r.joined, Separator...)
				}
				r.joined = append(r.joined, v...)
			}
		}
		r.fields.Add(row, r.fieldKey(e, f), r.joined)
	}
}

// message stores the place of the message when it is a part of raw, its text
// otherwise.
func (r *rowset) message(row int, raw, message []byte) {
	if len(message) == 0 {
		return
	}
	at := uintptr(unsafe.Pointer(unsafe.SliceData(message))) - uintptr(unsafe.Pointer(unsafe.SliceData(raw)))
	if at > uintptr(len(raw)) || at+uintptr(len(message)) > uintptr(len(raw)) {
		if i := bytes.Index(raw, message); i >= 0 {
			at = uintptr(i)
		} else {
			r.messageText.Set(row, message)
			return
		}
	}
	r.messageAt.Set(row, uint32(at))
	r.messageLen.Set(row, uint32(len(message)))
}

// source stores who sent it; neighbours mostly share one.
func (r *rowset) source(row int, s event.Source) {
	if !r.sourceKnown || s != r.lastSource {
		r.lastSource, r.sourceKnown = s, true
		r.lastListener = r.listener.Index([]byte(s.Listener))
		r.lastPeer = r.peer.Index([]byte(s.Peer))
	}
	r.listener.Put(row, r.lastListener)
	r.peer.Put(row, r.lastPeer)
}

// newHits returns the verdict's lists in the order of the events.
func newHits(v *event.Verdict) (hits []event.Hit, marks []event.EventIn) {
	if v == nil {
		return nil, nil
	}
	hits, marks = v.Hits, v.Alert
	byEvent := func(a, b event.Hit) int { return int(a.Event) - int(b.Event) }
	if !slices.IsSortedFunc(hits, byEvent) {
		hits = slices.Clone(hits)
		slices.SortStableFunc(hits, byEvent)
	}
	inOrder := func(a, b event.EventIn) int { return int(a.Event) - int(b.Event) }
	if !slices.IsSortedFunc(marks, inOrder) {
		marks = slices.Clone(marks)
		slices.SortStableFunc(marks, inOrder)
	}
	return hits, marks
}

// verdict stores what event i of the block matched.
func (r *rowset) verdict(v *event.Verdict, hits *[]event.Hit, marks *[]event.EventIn, i int) {
	if v == nil {
		return
	}
	for len(*hits) > 0 && int((*hits)[0].Event) <= i {
		if h := (*hits)[0]; int(h.Event) == i && int(h.Rule) < len(v.Rules) {
			r.rules.Add(r.rows, text(v.Rules[h.Rule]))
		}
		*hits = (*hits)[1:]
	}
	for len(*marks) > 0 && int((*marks)[0].Event) <= i {
		if m := (*marks)[0]; int(m.Event) == i {
			r.alerts.Add(r.rows, text(m.Alert))
		}
		*marks = (*marks)[1:]
	}
}
