package store

import (
	"yagura/internal/event"
	"yagura/internal/store/native"
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

// kind says how a field's text goes into its column.
type kind uint8

const (
	toFields kind = iota
	toDict
	toText
	toList
	toPort    // UInt16
	toCount   // UInt64
	toCode    // Int8, -1 is none
	toAddress // IPv6
)

// target is the column of a field.
type target struct {
	kind    kind
	dict    *native.Dict
	text    *native.Text
	list    *native.DictList
	port    *native.Numbers[uint16]
	count   *native.Numbers[uint64]
	code    *native.Numbers[int8]
	address *native.Addresses
}

// typedColumn binds an ECS field to its column of events.
type typedColumn struct {
	field event.Field
	name  string
	kind  kind
}

// typedColumns are the fields with a column of their own; every other field goes
// into the map. The order is the order of the insert.
var typedColumns = [...]typedColumn{
	{event.EventCategory, "event_category", toList},
	{event.EventType, "event_type", toList},
	{event.EventAction, "event_action", toDict},
	{event.EventOutcome, "event_outcome", toDict},
	{event.EventKind, "event_kind", toDict},
	{event.EventCode, "event_code", toDict},
	{event.EventProvider, "event_provider", toDict},
	{event.EventDataset, "event_dataset", toDict},
	{event.EventReason, "event_reason", toDict},
	{event.HostName, "host_name", toDict},
	{event.ProcessName, "process_name", toDict},
	{event.ProcessCommandLine, "process_command_line", toText},
	{event.UserName, "user_name", toDict},
	{event.UserDomain, "user_domain", toDict},
	{event.UserTargetName, "user_target_name", toDict},
	{event.SourceIP, "source_ip", toAddress},
	{event.SourcePort, "source_port", toPort},
	{event.SourceBytes, "source_bytes", toCount},
	{event.DestinationIP, "destination_ip", toAddress},
	{event.DestinationPort, "destination_port", toPort},
	{event.DestinationBytes, "destination_bytes", toCount},
	{event.NetworkTransport, "network_transport", toDict},
	{event.NetworkProtocol, "network_protocol", toDict},
	{event.NetworkApplication, "network_application", toDict},
	{event.NetworkDirection, "network_direction", toDict},
	{event.NetworkBytes, "network_bytes", toCount},
	{event.URLDomain, "url_domain", toText},
	{event.URLOriginal, "url_original", toText},
	{event.HTTPRequestMethod, "http_request_method", toDict},
	{event.HTTPResponseStatusCode, "http_response_status_code", toPort},
	{event.DNSQuestionName, "dns_question_name", toText},
	{event.FilePath, "file_path", toText},
	{event.RuleName, "rule_name", toDict},
	{event.RuleID, "rule_id", toDict},
	{event.ObserverName, "observer_name", toDict},
	{event.ObserverVendor, "observer_vendor", toDict},
	{event.ObserverProduct, "observer_product", toDict},
	{event.LogLevel, "log_level", toDict},
	{event.SyslogSeverityCode, "severity_code", toCode},
	{event.SyslogFacilityCode, "facility_code", toCode},
	{event.YaguraParser, "parser", toDict},
	{event.YaguraAnomaly, "anomaly", toList},
	{event.YaguraZone, "zone", toDict},
	{event.YaguraSourceZone, "source_zone", toDict},
	{event.YaguraDestinationZone, "destination_zone", toDict},
	{event.YaguraSite, "site", toDict},
	{event.YaguraAssetClass, "asset_class", toDict},
	{event.YaguraFlow, "flow", toDict},
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
	for _, c := range typedColumns {
		t, named := newTarget(c)
		r.targets[c.field] = t
		r.columns = append(r.columns, named)
	}
	return r
}

func newTarget(c typedColumn) (target, native.Named) {
	t, named := target{kind: c.kind}, native.Named{Name: c.name}
	switch c.kind {
	case toDict:
		t.dict = &native.Dict{}
		named.Type, named.Column = typeDict, t.dict
	case toText:
		t.text = &native.Text{}
		named.Type, named.Column = "String", t.text
	case toList:
		t.list = &native.DictList{}
		named.Type, named.Column = typeList, t.list
	case toPort:
		t.port = &native.Numbers[uint16]{}
		named.Type, named.Column = "UInt16", t.port
	case toCount:
		t.count = &native.Numbers[uint64]{}
		named.Type, named.Column = "UInt64", t.count
	case toCode:
		t.code = &native.Numbers[int8]{Empty: -1}
		named.Type, named.Column = "Int8", t.code
	case toAddress:
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
	r.rows, r.sourceKnown = 0, false
}
