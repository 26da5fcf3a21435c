package schema

import "yagura/internal/event"

// Kind says what a column of events holds and how its empty value looks.
type Kind uint8

// Kinds of columns.
const (
	Rest    Kind = iota // no column of its own: a name in the map fields
	Word                // LowCardinality(String), '' is none
	Text                // String, '' is none
	List                // Array(LowCardinality(String))
	Port                // UInt16, 0 is none
	Count               // UInt64, 0 is none
	Code                // Int8, -1 is none
	Address             // IPv6, IPv4 mapped, '::' is none
)

// Column binds an ECS field to its column of events.
type Column struct {
	Field event.Field
	Name  string
	Kind  Kind
}

// Columns are the fields with a column of their own; every other field goes
// into the map. The order is the order of the insert.
var Columns = [...]Column{
	{event.EventCategory, "event_category", List},
	{event.EventType, "event_type", List},
	{event.EventAction, "event_action", Word},
	{event.EventOutcome, "event_outcome", Word},
	{event.EventKind, "event_kind", Word},
	{event.EventCode, "event_code", Word},
	{event.EventProvider, "event_provider", Word},
	{event.EventDataset, "event_dataset", Word},
	{event.EventReason, "event_reason", Word},
	{event.HostName, "host_name", Word},
	{event.ProcessName, "process_name", Word},
	{event.ProcessCommandLine, "process_command_line", Text},
	{event.UserName, "user_name", Word},
	{event.UserDomain, "user_domain", Word},
	{event.UserTargetName, "user_target_name", Word},
	{event.SourceIP, "source_ip", Address},
	{event.SourcePort, "source_port", Port},
	{event.SourceBytes, "source_bytes", Count},
	{event.DestinationIP, "destination_ip", Address},
	{event.DestinationPort, "destination_port", Port},
	{event.DestinationBytes, "destination_bytes", Count},
	{event.NetworkTransport, "network_transport", Word},
	{event.NetworkProtocol, "network_protocol", Word},
	{event.NetworkApplication, "network_application", Word},
	{event.NetworkDirection, "network_direction", Word},
	{event.NetworkBytes, "network_bytes", Count},
	{event.URLDomain, "url_domain", Text},
	{event.URLOriginal, "url_original", Text},
	{event.HTTPRequestMethod, "http_request_method", Word},
	{event.HTTPResponseStatusCode, "http_response_status_code", Port},
	{event.DNSQuestionName, "dns_question_name", Text},
	{event.FilePath, "file_path", Text},
	{event.RuleName, "rule_name", Word},
	{event.RuleID, "rule_id", Word},
	{event.ObserverName, "observer_name", Word},
	{event.ObserverVendor, "observer_vendor", Word},
	{event.ObserverProduct, "observer_product", Word},
	{event.LogLevel, "log_level", Word},
	{event.SyslogSeverityCode, "severity_code", Code},
	{event.SyslogFacilityCode, "facility_code", Code},
	{event.YaguraParser, "parser", Word},
	{event.YaguraAnomaly, "anomaly", List},
	{event.YaguraZone, "zone", Word},
	{event.YaguraSourceZone, "source_zone", Word},
	{event.YaguraDestinationZone, "destination_zone", Word},
	{event.YaguraSite, "site", Word},
	{event.YaguraAssetClass, "asset_class", Word},
	{event.YaguraFlow, "flow", Word},
}
