package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"yagura/internal/event"
)

var alertColumns = []clickhouse.ColumnNameAndType{
	{Name: "tenant", Type: typeDict}, {Name: "alert_id", Type: "String"},
	{Name: "timestamp", Type: "DateTime64(6, 'UTC')"}, {Name: "alert_start", Type: "DateTime64(6, 'UTC')"},
	{Name: "rule_id", Type: typeDict}, {Name: "rule_name", Type: typeDict}, {Name: "rule_name_ja", Type: typeDict},
	{Name: "rule_level", Type: typeDict}, {Name: "level_code", Type: "UInt8"}, {Name: "rule_category", Type: typeDict},
	{Name: "rule_author", Type: typeDict}, {Name: "rule_policy", Type: typeList}, {Name: "rule_tags", Type: typeList},
	{Name: "alert_reason", Type: "String"}, {Name: "alert_reason_ja", Type: "String"}, {Name: "alert_group", Type: "String"},
	{Name: "group_names", Type: typeList}, {Name: "group_values", Type: "Array(String)"}, {Name: "alert_count", Type: "UInt64"},
	{Name: "source_ip", Type: "String"}, {Name: "destination_ip", Type: "String"},
	{Name: "user_name", Type: "String"}, {Name: "host_name", Type: "String"},
	{Name: "event_ids", Type: "Array(String)"}, {Name: "body", Type: "String"},
}

// WriteAlerts stores alerts; writing one again changes nothing. Safe for
// concurrent use.
func (db *DB) WriteAlerts(ctx context.Context, alerts []event.Alert) error {
	rows := make([][]any, 0, len(alerts))
	for i := range alerts {
		a := &alerts[i]
		body, err := json.Marshal(a)
		if err != nil {
			return configError{fmt.Errorf("alert %s: %w", a.ID, err)}
		}
		names, values := pairs(a.Group)
		rows = append(rows, []any{a.Tenant, a.ID, a.Time, a.First, a.RuleID, a.RuleName, a.RuleJa, a.Level.String(), uint8(a.Level),
			a.Class, a.Author, list(a.Policy), list(a.Tags), a.Reason, a.ReasonJa, event.GroupKey(a.Group), names, values, uint64(max(a.Count, 0)),
			entity(a, "source.ip"), entity(a, "destination.ip"), entity(a, "user.name"), entity(a, "host.name"),
			eventIDs(a), string(body)})
	}
	return db.writeRecords(ctx, table{"alert_log", alertColumns}, rows)
}

var incidentColumns = []clickhouse.ColumnNameAndType{
	{Name: "tenant", Type: typeDict}, {Name: "incident_id", Type: "String"}, {Name: "version", Type: "UInt64"},
	{Name: "status", Type: typeDict}, {Name: "opened", Type: "DateTime64(6, 'UTC')"}, {Name: "updated", Type: "DateTime64(6, 'UTC')"},
	{Name: "rule_id", Type: typeDict}, {Name: "rule_name", Type: typeDict}, {Name: "rule_name_ja", Type: typeDict},
	{Name: "rule_level", Type: typeDict}, {Name: "level_code", Type: "UInt8"}, {Name: "rule_category", Type: typeDict},
	{Name: "rule_policy", Type: typeList}, {Name: "alert_group", Type: "String"},
	{Name: "group_names", Type: typeList}, {Name: "group_values", Type: "Array(String)"},
	{Name: "alerts", Type: "UInt64"}, {Name: "events", Type: "UInt64"}, {Name: "assignee", Type: typeDict},
	{Name: "alert_reason", Type: "String"}, {Name: "alert_reason_ja", Type: "String"}, {Name: "mail", Type: typeDict},
	{Name: "notes", Type: "UInt32"}, {Name: "first_alert_id", Type: "String"}, {Name: "body", Type: "String"},
}

// WriteIncidents stores versions of incidents; the highest version is what the
// view shows, whatever the order of writing. Safe for concurrent use.
func (db *DB) WriteIncidents(ctx context.Context, incidents []event.Incident) error {
	rows := make([][]any, 0, len(incidents))
	for i := range incidents {
		in := &incidents[i]
		body, err := json.Marshal(in)
		if err != nil {
			return configError{fmt.Errorf("incident %s: %w", in.ID, err)}
		}
		names, values := pairs(in.Group)
		rows = append(rows, []any{in.Tenant, in.ID, in.Version, in.Status, in.Opened, in.Updated, in.RuleID, in.RuleName, in.RuleJa,
			in.Level.String(), uint8(in.Level), in.Class, list(in.Policy), event.GroupKey(in.Group), names, values,
			uint64(max(in.Alerts, 0)), uint64(max(in.Events, 0)), in.Assignee, in.Reason, in.ReasonJa, in.Mail,
			uint32(len(in.Notes)), in.First.ID, string(body)})
	}
	return db.writeRecords(ctx, table{"incident_log", incidentColumns}, rows)
}

// writeRecords inserts without deduplication: every try has a token of its own. A
// kill of the engine may keep a token and lose its rows, and the retry would then be
// left out as a duplicate. Rows that come twice merge, and the views show one.
func (db *DB) writeRecords(ctx context.Context, t table, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, db.cfg.timeout())
	defer cancel()
	w := &Writer{cfg: db.cfg, conn: db.conn}
	token := fmt.Sprintf("%s/%d/%d", t.name, time.Now().UnixNano(), db.records.Add(1))
	if err := w.insertRows(ctx, t, token, rows); err != nil {
		return fmt.Errorf("write %d rows of %s: %w", len(rows), t.name, err)
	}
	return nil
}

func pairs(group []event.Pair) (names, values []string) {
	names, values = make([]string, 0, len(group)), make([]string, 0, len(group))
	for _, p := range group {
		names, values = append(names, p.Name), append(values, p.Value)
	}
	return names, values
}

// entity is the alert's value of a field: of its group, else of the first event
// that has one.
func entity(a *event.Alert, name string) string {
	for _, p := range a.Group {
		if p.Name == name {
			return p.Value
		}
	}
	for _, e := range a.Events {
		for _, p := range e.Fields {
			if p.Name == name {
				return p.Value
			}
		}
	}
	return ""
}

func eventIDs(a *event.Alert) []string {
	ids := make([]string, 0, len(a.Events))
	for _, e := range a.Events {
		ids = append(ids, e.ID)
	}
	return ids
}

func list(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}
