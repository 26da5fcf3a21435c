package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yagura/internal/event"
	"yagura/internal/store/search"
)

// ids renders a result of the events' index column.
func ask(t *testing.T, db *DB, text string) string {
	t.Helper()
	rows, err := db.Query(t.Context(), Ask{Text: text})
	if err != nil {
		return "error " + err.Error()
	}
	all, err := rows.All()
	if err != nil {
		return "error " + err.Error()
	}
	var lines []string
	for _, row := range all {
		b, err := json.Marshal(row)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(b))
	}
	return strings.Join(lines, " ")
}

// Searches on the real engine find what they say, and nothing else, with every
// kind of index.
func TestSearchFinds(t *testing.T) {
	e := startEngine(t)
	for _, index := range []string{IndexNone, IndexText, IndexBloom} {
		database := "search_" + index
		exec(t, e.open(t, nil), "CREATE DATABASE "+database)
		db := e.open(t, func(c *Config) { c.Index, c.Database = index, database })
		if err := db.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		insert(t, db.NewWriter(), searchGroup(t))
		for _, tt := range searches {
			got := ask(t, db, tt.search+" | count by event.code | sort event.code")
			want := ""
			for i, code := range strings.Fields(tt.want) {
				if i > 0 {
					want += " "
				}
				want += fmt.Sprintf(`[%q,1]`, code)
			}
			if got != want {
				t.Errorf("%s: %s: got %s; want %s", index, tt.search, got, want)
			}
		}
	}
}

// searchLines are told apart by event.code.
var searchLines = []struct {
	code, raw, message string
	fields             map[string]string
}{
	{"a", "Failed password for root from 203.0.113.7 port 22 ssh2", "", map[string]string{"source.ip": "203.0.113.7", "user.name": "Root", "destination.port": "22", "event.outcome": "failure"}},
	{"b", "accepted 100%_sure C:\\temp\\x it's", "", map[string]string{"source.ip": "2001:db8::1", "user.name": "badmin", "event.outcome": "success", "network.bytes": "5000"}},
	{"c", "\x83\x8d\x83O\x83I\x83\x93 logon", "ログオンに失敗しました", map[string]string{"user.name": "山田", "winlog.event_data.LogonType": "3", "host.name": "DC1"}},
	{"d", "ログイン成功 ユーザーadminが", "", map[string]string{"source.ip": "not-an-address", "destination.ip": "203.0.113.200", "event.category": "web", "file.size": "2048"}},
}

var searches = []struct{ search, want string }{
	{"", "a b c d"},
	{"failed", "a"},
	{"FAILED password", "a"},
	{`"failed password"`, "a"},
	{`"password failed"`, ""},
	{`100%_sure`, "b"},
	{`10%sure`, ""},
	{`"C:\temp\x"`, "b"},
	{`it's`, "b"},
	{"ログ", "c d"},
	{"失敗", "c"},
	{"*fail*root*", "a"},
	{"source.ip:203.0.113.0/24", "a"},
	{"source.ip:2001:db8::/32", "b"},
	{"source.ip:0.0.0.0/0", "a"},
	{"ip:203.0.113.*", "a d"},
	{"fields['source.ip']:not-an-address", "d"},
	{"_exists_:source.ip", "a b"},
	{"user.name:root", "a"},
	{`user.name:"root"`, ""},
	{`user.name:"Root"`, "a"},
	{"user.name:*ADM*", "b"},
	{"user.name:山田", "c"},
	{"user.name:(root OR badmin)", "a b"},
	{"NOT event.outcome:success", "a c d"},
	{"-event.outcome:* host.name:dc1", "c"},
	{"destination.port:<1000 destination.port:>0", "a"},
	{"bytes:>4k", "b"},
	{"winlog.event_data.LogonType:3", "c"},
	{"file.size:[1000 TO 3000]", "d"},
	{"event.category:web", "d"},
	{"event.category:(web OR dns)", "d"},
	{"user.name:/^bad.*n$/", "b"},
	{"user.name:x' OR 1=1", ""},
	{`raw:"x'); DROP TABLE events --"`, ""},
	{"event.id:demo/node-1/7b/1/2", "c"},
	{"message:*失敗*", "c"},
	{"@timestamp:>=2026-11-24 @timestamp:<2026-11-25", "a b c d"},
	{"yagura.unparsed:true", ""},
	{"rule:ssh/brute_force", "a"},
	{"(failed OR logon) NOT host.name:dc1", "a"},
}

func searchGroup(t *testing.T) Group {
	t.Helper()
	var b event.Builder
	var d event.Draft
	for i, l := range searchLines {
		d.Reset([]byte(l.raw))
		if l.message != "" {
			d.SetMessage([]byte(l.message))
		}
		d.Received = sampleStart.Add(time.Duration(i) * time.Millisecond)
		d.Time = d.Received
		d.SetString(event.EventCode, l.code)
		for name, v := range l.fields {
			d.SetString(d.Local(name), v)
		}
		b.Append(&d)
	}
	block, err := b.Block(event.ID{Tenant: "demo", Node: "node-1", Epoch: 123, Seq: 1}, sampleStart)
	if err != nil {
		t.Fatal(err)
	}
	return Group{FirstSeq: 1, LastSeq: 1, Blocks: []Block{{Seq: 1, Block: block,
		Verdict: &event.Verdict{Rules: []string{"ssh/brute_force"}, Hits: []event.Hit{{Event: 0, Rule: 0}}}}}}
}

func TestQueryShapes(t *testing.T) {
	db := newDB(t)
	insert(t, db.NewWriter(), searchGroup(t))
	tests := []struct{ text, want string }{
		{"| count", "[4]"},
		{"_exists_:source.ip | count by source.ip", `["203.0.113.7",1] ["2001:db8::1",1]`},
		{"| sum(bytes), dc(user.name)", "[5000,4]"},
		{"| timechart 1h", `["2026-11-24T09:00:00Z",4]`},
		{"| top 2 by fields['file.size']", `["",3] ["2048",1]`},
		{"event.code:a | fields source.ip, destination.port, yagura.rules, event.id", `["203.0.113.7",22,["ssh/brute_force"],"demo/node-1/7b/1/0"]`},
		{"event.code:d | fields source.ip, message, fields['source.ip']", `["","","not-an-address"]`},
		{"SELECT toUInt64(18446744073709551615), [1,2], map('a', toIPv4('192.0.2.1')), NULL, nan, toDecimal32(1.5, 2), now64(3) > 0, toDate('2026-11-24')",
			`["18446744073709551615",[1,2],{"a":"192.0.2.1"},null,null,"1.5",1,"2026-11-24T00:00:00Z"]`},
		{"SELECT count() FROM sources;", "[1]"},
		{"SELECT count() FROM alerts, incidents", "[0]"},
	}
	for _, tt := range tests {
		if got := ask(t, db, tt.text); got != tt.want {
			t.Errorf("%s: got %s; want %s", tt.text, got, tt.want)
		}
	}
	rows, err := db.Query(t.Context(), Ask{Text: "event.code:c"})
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	if !rows.Next() {
		t.Fatal(rows.Err())
	}
	object, err := rows.Object()
	if err != nil {
		t.Fatal(err)
	}
	if object["message"] != "ログオンに失敗しました" || object["host.name"] != "DC1" ||
		object["fields"].(map[string]any)["winlog.event_data.LogonType"] != "3" {
		t.Errorf("event %v", object)
	}
}

func TestQueryLimits(t *testing.T) {
	db := newDB(t)
	rows, err := db.Query(t.Context(), Ask{Text: "SELECT number FROM numbers(100000)", Limits: Limits{Rows: 10}})
	if err != nil {
		t.Fatal(err)
	}
	all, err := rows.All()
	if err != nil || len(all) != 10 || !rows.Truncated {
		t.Errorf("%d rows, truncated %v, %v", len(all), rows.Truncated, err)
	}
	for _, sql := range []string{"SELECT count() FROM numbers(1e13) WHERE NOT ignore(sipHash64(number))", "SELECT sleep(3), sleep(3)",
		"SELECT * FROM file('/etc/passwd', 'LineAsString')",
		"EXPLAIN PIPELINE INSERT INTO events (tenant) VALUES ('x')", "SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 'a String')"} {
		began := time.Now()
		if got := askLimited(t, db, sql); !strings.HasPrefix(got, "error ") {
			t.Errorf("%s: allowed: %.100s", sql, got)
		}
		if d := time.Since(began); d > 10*time.Second {
			t.Errorf("%s: took %v", sql, d)
		}
	}
	_, err = db.Query(t.Context(), Ask{Text: "srce.ip:1"})
	var e *search.Error
	if !errors.As(err, &e) {
		t.Errorf("error of a search is %v", err)
	}
}

func askLimited(t *testing.T, db *DB, text string) string {
	t.Helper()
	rows, err := db.Query(t.Context(), Ask{Text: text, Limits: Limits{Time: time.Second}})
	if err != nil {
		return "error " + err.Error()
	}
	all, err := rows.All()
	if err != nil {
		return "error " + err.Error()
	}
	return fmt.Sprint(all)
}

func TestRecords(t *testing.T) {
	db := newDB(t)
	at := sampleStart
	a := event.Alert{ID: "a1", Tenant: "demo", Time: at, First: at, RuleID: "r1", RuleName: "Brute force", RuleJa: "総当たり", Level: event.High,
		Class: event.ClassUnauthorizedAccess, Reason: "many failures", Group: []event.Pair{{Name: "source.ip", Value: "203.0.113.7"}}, Count: 12,
		Events: []event.AlertEvent{{ID: "demo/n/1/1/0", Time: at, Fields: []event.Pair{{Name: "user.name", Value: "root"}}}}}
	b := a
	b.ID = "a2"
	for _, list := range [][]event.Alert{{a}, {a}, {a, b}, nil} {
		if err := db.WriteAlerts(t.Context(), list); err != nil {
			t.Fatal(err)
		}
	}
	want := `["a1","high",3,"source.ip=203.0.113.7","203.0.113.7","root",12,["demo/n/1/1/0"]] ["a2","high",3,"source.ip=203.0.113.7","203.0.113.7","root",12,["demo/n/1/1/0"]]`
	got := ask(t, db, "SELECT alert_id, toString(rule_level), level_code, alert_group, source_ip, user_name, alert_count, event_ids FROM alerts ORDER BY alert_id")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("alerts (-want +got):\n%s", diff)
	}
	in := event.Incident{ID: "Ia1", Version: 1, Tenant: "demo", Status: event.StatusOpen, Opened: at, Updated: at, First: a}
	second := in
	second.Version, second.Status, second.Notes = 2, event.StatusClosed, []event.Note{{Time: at, Who: "x", What: "y"}}
	for _, list := range [][]event.Incident{{second}, {in}, {in, second}} {
		if err := db.WriteIncidents(t.Context(), list); err != nil {
			t.Fatal(err)
		}
	}
	if got := ask(t, db, "SELECT incident_id, version, toString(status), notes, first_alert_id FROM incidents"); got != `["Ia1",2,"closed",1,"a1"]` {
		t.Errorf("incidents %s", got)
	}
}

// Values that may be missing are written as those that may not.
func TestNullableValues(t *testing.T) {
	db := startEngine(t).open(t, nil)
	got := ask(t, db, `SELECT toNullable(toDateTime64('2026-11-24 01:02:03.5', 3, 'UTC')), CAST(NULL AS Nullable(DateTime)), toNullable(toIPv4('192.0.2.1')),
		toNullable(toUUID('61f0c404-5cb3-11e7-907b-a6006ad3dba0')), toNullable(toDecimal32(1.5, 2)), toInt256(-5), toNullable(toInt256(7)), [toNullable(toDateTime(0, 'UTC')), NULL], toNullable('x')`)
	want := `["2026-11-24T01:02:03.5Z",null,"192.0.2.1","61f0c404-5cb3-11e7-907b-a6006ad3dba0","1.5","-5","7",["1970-01-01T00:00:00Z",null],"x"]`
	if got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// People read the engine's own words; the code stays for those who ask.
func TestARefusedQuestionIsToldInTheEnginesWords(t *testing.T) {
	db := startEngine(t).open(t, nil)
	for sql, want := range map[string]string{
		"SELECT * FROM nothing_such":          "error Unknown table expression identifier 'nothing_such' in scope SELECT * FROM nothing_such. (UNKNOWN_TABLE)",
		"SELECT 1 FORMAT CSV;":                "error search:1:10: a FORMAT clause has no place here; leave it out: the rows come in the form that the command or page was asked for",
		"SELECT 'x FORMAT y'":                 `["x FORMAT y"]`,
		"SELECT * FROM file('/etc/hostname')": "error function file is not allowed for a read-only account. (READONLY)",
	} {
		if got := ask(t, db, sql); got != want {
			t.Errorf("%s: got %s\nwant %s", sql, got, want)
		}
	}
	_, err := db.Query(t.Context(), Ask{Text: "SELECT nothing_such"})
	if Code(err) != 47 || Classify(err) != Configuration {
		t.Errorf("%v: code %d", err, Code(err))
	}
}
