package store

import (
	"yagura/internal/event"
	"yagura/internal/store/native"
	"yagura/internal/store/schema"
)

// rowset holds the columns of one insert into events and fills them from blocks.
// Its memory is kept between inserts.
type rowset struct {
	columns []native.Named
	targets []target // by event.Field
	rows    int

	tenant, node, listener, peer native.Dict
	epoch, blockSeq, busSeq      native.Numbers[uint64]
	idx, flags                   native.Numbers[uint16]
	blockTime                    native.Numbers[uint32]
	timestamp, ingested          native.Numbers[int64]
	raw, messageText             native.Text
	rawLen                       []uint32 // bytes of each raw
	messageAt, messageLen        native.Numbers[uint32]
	rules                        native.DictList
	alerts                       native.TextList
	verdictMissing               native.Numbers[uint8]
	fields                       native.Pairs
	keys                         []uint32 // index of each ECS name in fields, plus 1
	localKeys                    []uint32 // the same for the names of the block being filled
	seen                         []uint32 // row + 1 in which a field last went into fields
	again                        []event.Field
	joined                       []byte
	lastSource                   event.Source
	lastListener, lastPeer       uint32
	sourceKnown                  bool
}

// target is the column of a field.
type target struct {
	kind    schema.Kind
	dict    *native.Dict
	text    *native.Text
	list    *native.DictList
	port    *native.Numbers[uint16]
	count   *native.Numbers[uint64]
	code    *native.Numbers[int8]
	address *native.Addresses
}

const (
	typeDict = "LowCardinality(String)"
	typeList = "Array(LowCardinality(String))"
)

// newRowset allocates nothing big: columns grow with the first insert.
func newRowset() *rowset {
	r := &rowset{}
	r.columns = []native.Named{
		{Name: "tenant", Type: typeDict, Column: &r.tenant},
		{Name: "listener", Type: typeDict, Column: &r.listener},
		{Name: "peer", Type: typeDict, Column: &r.peer},
		{Name: "node", Type: typeDict, Column: &r.node},
		{Name: "epoch", Type: "UInt64", Column: &r.epoch},
		{Name: "block_seq", Type: "UInt64", Column: &r.blockSeq},
		{Name: "idx", Type: "UInt16", Column: &r.idx},
		{Name: "bus_seq", Type: "UInt64", Column: &r.busSeq},
		{Name: "block_time", Type: "DateTime('UTC')", Column: &r.blockTime},
		{Name: "timestamp", Type: "DateTime64(6, 'UTC')", Column: &r.timestamp},
		{Name: "ingested", Type: "DateTime64(9, 'UTC')", Column: &r.ingested},
		{Name: "raw", Type: "String", Column: &r.raw},
		{Name: "message_at", Type: "UInt32", Column: &r.messageAt},
		{Name: "message_len", Type: "UInt32", Column: &r.messageLen},
		{Name: "message_text", Type: "String", Column: &r.messageText},
		{Name: "flags", Type: "UInt16", Column: &r.flags},
		{Name: "rules", Type: typeList, Column: &r.rules},
		{Name: "alerts", Type: "Array(String)", Column: &r.alerts},
		{Name: "verdict_missing", Type: "Bool", Column: &r.verdictMissing},
		{Name: "fields", Type: "Map(LowCardinality(String), String)", Column: &r.fields},
	}
	known := len(event.FieldNames()) + 1
	r.targets = make([]target, known)
	r.keys = make([]uint32, event.FirstLocal)
	for _, c := range schema.Columns {
		t, named := newTarget(c)
		r.targets[c.Field] = t
		r.columns = append(r.columns, named)
	}
	return r
}

func newTarget(c schema.Column) (target, native.Named) {
	t, named := target{kind: c.Kind}, native.Named{Name: c.Name}
	switch c.Kind {
	case schema.Word:
		t.dict = &native.Dict{}
		named.Type, named.Column = typeDict, t.dict
	case schema.Text:
		t.text = &native.Text{}
		named.Type, named.Column = "String", t.text
	case schema.List:
		t.list = &native.DictList{}
		named.Type, named.Column = typeList, t.list
	case schema.Port:
		t.port = &native.Numbers[uint16]{}
		named.Type, named.Column = "UInt16", t.port
	case schema.Count:
		t.count = &native.Numbers[uint64]{}
		named.Type, named.Column = "UInt64", t.count
	case schema.Code:
		t.code = &native.Numbers[int8]{Empty: -1}
		named.Type, named.Column = "Int8", t.code
	case schema.Address:
		t.address = &native.Addresses{}
		named.Type, named.Column = "IPv6", t.address
	}
	return t, named
}

func (r *rowset) reset() {
	for _, c := range r.columns {
		c.Column.Reset()
	}
	clear(r.keys)
	clear(r.seen)
	r.rawLen = r.rawLen[:0]
	r.rows, r.sourceKnown = 0, false
}
