package search

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// where renders the condition of a search with its parameters in place, for
// reading only.
func where(t *testing.T, text string) string {
	t.Helper()
	q, err := Compile(text, Options{})
	if err != nil {
		return "error " + strings.TrimPrefix(err.Error(), "search:1:")
	}
	return render(q)
}

func render(q Query) string {
	sql := q.SQL
	_, sql, _ = strings.Cut(sql, " FROM events")
	sql = strings.TrimPrefix(sql, " WHERE ")
	sql = strings.TrimSuffix(sql, " ORDER BY timestamp DESC, ingested DESC, block_seq DESC, idx DESC LIMIT 1000")
	for name, v := range q.Params {
		for _, typ := range []string{"String", "Int64", "UInt64", "Float64"} {
			sql = strings.ReplaceAll(sql, "{"+name+":"+typ+"}", "‹"+v+"›")
		}
	}
	return sql
}

func TestConditions(t *testing.T) {
	tests := []struct{ text, want string }{
		{"", ""},
		{"*", "lower(raw) LIKE ‹%%%›"},
		{"failed", "lower(raw) LIKE ‹%failed%›"},
		{`"Failed Password"`, "lower(raw) LIKE ‹%failed password%›"},
		{"50%_x", `lower(raw) LIKE ‹%50\%\_x%›`},
		{"失敗", "(lower(raw) LIKE ‹%失敗%› OR lower(message_text) LIKE ‹%失敗%›)"},
		{"user.name:Root", "lower(user_name) = ‹root›"},
		{`user.name:"Root"`, "user_name = ‹Root›"},
		{"user.name:*adm?n*", "lower(user_name) LIKE ‹%adm_n%›"},
		{"user_name:a", "lower(user_name) = ‹a›"},
		{"event.category:web", "arrayExists(x -> lower(x) = ‹web›, event_category)"},
		{"source.ip:192.0.2.1", "source_ip = toIPv6(‹192.0.2.1›)"},
		{"source.ip:203.0.113.7/24", "(source_ip >= toIPv6(‹203.0.113.0›) AND source_ip <= toIPv6(‹203.0.113.255›))"},
		{"source.ip:10.1.*", "(source_ip >= toIPv6(‹10.1.0.0›) AND source_ip <= toIPv6(‹10.1.255.255›))"},
		{"source.ip:2001:db8::/32", "(source_ip >= toIPv6(‹2001:db8::›) AND source_ip <= toIPv6(‹2001:db8:ffff:ffff:ffff:ffff:ffff:ffff›))"},
		{"ip:2001:db8::1", "(source_ip = toIPv6(‹2001:db8::1›) OR destination_ip = toIPv6(‹2001:db8::1›))"},
		{"destination.port:443", "destination_port = ‹443›"},
		{"destination.port:(22 OR 3389)", "(destination_port = ‹22› OR destination_port = ‹3389›)"},
		{"bytes:>1.5k", "if(network_bytes > 0, network_bytes, source_bytes + destination_bytes) > ‹1500›"},
		{"source.port:[1 TO 1023]", "(source_port >= ‹1› AND source_port <= ‹1023›)"},
		{"log.syslog.severity.code:<=3", "severity_code <= ‹3›"},
		{"process.pid:>100", "toFloat64OrNull(fields[‹process.pid›]) > ‹100›"},
		{"source.nat.ip:10.0.0.0/8", "(toIPv6OrNull(fields[‹source.nat.ip›]) >= toIPv6(‹10.0.0.0›) AND toIPv6OrNull(fields[‹source.nat.ip›]) <= toIPv6(‹10.255.255.255›))"},
		{"fields['x.y']:z", `(mapContains(fields, ‹x.y›) AND arrayExists(x -> lower(x) = ‹z›, splitByChar('\x1f', fields[‹x.y›])))`},
		{"winlog.event_data.LogonType:3", `(mapContains(fields, ‹winlog.event_data.LogonType›) AND arrayExists(x -> lower(x) = ‹3›, splitByChar('\x1f', fields[‹winlog.event_data.LogonType›])))`},
		{"url.original:/\\.php\\?id=\\d+/", `match(url_original, ‹(?i)\.php\?id=\d+›)`},
		{"yagura.unparsed:true", "unparsed"},
		{"user.name:*", "user_name != ''"},
		{"_exists_:dns.question.name", "dns_question_name != ''"},
		{"_exists_:file.size", "mapContains(fields, ‹file.size›)"},
		{"event.id:demo/node-1/18f3/7/12", "(tenant = ‹demo› AND node = ‹node-1› AND epoch = ‹6387› AND block_seq = ‹7› AND idx = ‹12›)"},
		{"@timestamp:>2026-11-24", "timestamp > fromUnixTimestamp64Micro(‹1795478400000000›, 'UTC')"},
		{"a b", "(lower(raw) LIKE ‹%a%› AND lower(raw) LIKE ‹%b%›)"},
		{"a AND b OR c", "((lower(raw) LIKE ‹%a%› AND lower(raw) LIKE ‹%b%›) OR lower(raw) LIKE ‹%c%›)"},
		{"a (b OR NOT c)", "(lower(raw) LIKE ‹%a%› AND ((lower(raw) LIKE ‹%b%› OR NOT (lower(raw) LIKE ‹%c%›))))"},
		{"-user.name:root", "NOT (lower(user_name) = ‹root›)"},
		{"host.name:(web1 OR \"Web2\") x", "((lower(host_name) = ‹web1› OR host_name = ‹Web2›) AND lower(raw) LIKE ‹%x%›)"},
		{`user.name:"'; DROP TABLE events; --"`, "user_name = ‹'; DROP TABLE events; --›"},
		{"source.ip:10.0.0.0/8 user.name:*adm* NOT event.outcome:success \"free words\"",
			"((source_ip >= toIPv6(‹10.0.0.0›) AND source_ip <= toIPv6(‹10.255.255.255›)) AND lower(user_name) LIKE ‹%adm%› AND NOT (lower(event_outcome) = ‹success›) AND lower(raw) LIKE ‹%free words%›)"},
		// What is wrong, where, and what would be right.
		{"srce.ip:1.2.3.4", "error 1: no field is called srce.ip; did you mean source.ip? A name that is not ECS is written fields['srce.ip']"},
		{"a usr.name:x", "error 3: no field is called usr.name; did you mean user.name? A name that is not ECS is written fields['usr.name']"},
		{"http://x", "error 1: no field is called http; a name that is not ECS is written fields['http']"},
		{"source.ip:web1", `error 11: "web1" is no address; as in 203.0.113.7, 203.0.113.0/24 or 2001:db8::1`},
		{"source.ip:10.0.0.0/99", `error 11: "10.0.0.0/99" is no network; as in 203.0.113.0/24 or 2001:db8::/32`},
		{"destination.port:https", `error 18: "https" is no whole number; a whole number, as in 443, >1000 or >10M`},
		{"user.name:>5", "error 12: user.name holds text: > does not fit"},
		{"user.name: root", "error 12: user.name: has no value; user.name:value, without a blank; user.name:* asks whether it is there"},
		{"(a b", "error 1: the parenthesis is never closed; put a ) at its end"},
		{"a)", `error 2: ")" is not expected here`},
		{`"abc`, `error 1: the quote is never closed; put a " at its end`},
		{"a OR", "error 5: a condition is missing"},
		{"OR b", "error 1: a condition is missing before OR; to search for the word, put it in quotes"},
		{"a AND (OR b)", "error 8: a condition is missing before OR; to search for the word, put it in quotes"},
		{`"OR"`, "lower(raw) LIKE ‹%or%›"},
		{"()", "error 2: a condition is missing"},
		{"a:b:c", "error 1: no field is called a; a name that is not ECS is written fields['a']"},
		{"host.name:(a", "error 11: the list of values is never closed; put a ) at its end"},
		{"url.path:/(/", "error 10: no regular expression: error parsing regexp: missing closing ): `(`; RE2's syntax"},
		{"失敗 vendorthing:x", "error 4: no field is called vendorthing; a name that is not ECS is written fields['vendorthing']"},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, where(t, tt.text)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.text, diff)
		}
	}
}

func TestStages(t *testing.T) {
	tests := []struct{ text, want string }{
		{"| count", "SELECT count() AS c0 FROM events LIMIT 10000 [count]"},
		{"| count by source.ip, user.name", "SELECT " + strings.ReplaceAll(addressText, "x", "source_ip") + " AS c0, toString(user_name) AS c1, count() AS c2 FROM events GROUP BY source_ip, c1 ORDER BY c2 DESC, source_ip, c1 LIMIT 10000 [source.ip user.name count]"},
		{"| top 5 by event.category", "SELECT arrayJoin(event_category) AS c0, count() AS c1 FROM events GROUP BY c0 ORDER BY c1 DESC, c0 LIMIT 5 [event.category count]"},
		{"| rare host", "SELECT toString(host_name) AS c0, count() AS c1 FROM events GROUP BY c0 ORDER BY c1, c0 LIMIT 10 [host.name count]"},
		{"| sum(bytes), dc(user.name) by host.name", "SELECT toString(host_name) AS c0, sum(if(network_bytes > 0, network_bytes, source_bytes + destination_bytes)) AS c1, uniqExact(toString(user_name)) AS c2 FROM events GROUP BY c0 ORDER BY c1 DESC, c0 LIMIT 10000 [host.name sum(bytes) dc(user.name)]"},
		{"| timechart 5m by zone", "SELECT toStartOfInterval(timestamp, INTERVAL 300 SECOND, {p0:String}) AS c0, toString(zone) AS c1, count() AS c2 FROM events GROUP BY c0, c1 ORDER BY c0, c1 LIMIT 10000 [time* yagura.zone count]"},
		{"| count by fields['x'] | sort count desc, fields['x'] | limit 3", "SELECT fields[{p0:String}] AS c0, count() AS c1 FROM events GROUP BY c0 ORDER BY c1 DESC, c0 LIMIT 3 [x count]"},
		{"| fields @timestamp, user.name | sort @timestamp", "SELECT timestamp AS c0, toString(user_name) AS c1 FROM events ORDER BY c0 LIMIT 1000 [@timestamp* user.name]"},
		{"x | counted", `error 5: no stage is called "counted"; one of count, sum, avg, min, max, dc, top, rare, timechart, sort, limit, fields`},
		{"| sum(user.name)", "error 3: sum(user.name): the field holds no numbers; a field that holds numbers, as bytes"},
		{"| count by", "error 11: a field is missing; as in source.ip"},
		{"| count by ip", "error 12: ip asks both ends and has no one value; source.ip or destination.ip"},
		{"| timechart 5x", `error 13: "5x" is no time span; as in timechart 30s, 5m, 1h or 1d`},
		{"| count | top 3 by host", "error 11: the events are grouped twice; use one of count, sum, top, rare, timechart"},
		{"| count | sort bytes", "error 16: the result has no column bytes; one of count"},
		{"|", "error 2: a stage is missing after |; as in | count by source.ip"},
		{"| top 0 by host", `error 7: "0" is no number from 1 to 100000; as in top 10 by source.ip`},
	}
	for _, tt := range tests {
		got := ""
		q, err := Compile(tt.text, Options{})
		if err != nil {
			got = "error " + strings.TrimPrefix(err.Error(), "search:1:")
		} else {
			var names []string
			for _, c := range q.Columns {
				if c.Time {
					c.Name += "*"
				}
				names = append(names, c.Name)
			}
			got = q.SQL + " " + fmt.Sprint(names)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.text, diff)
		}
	}
}

func TestFrame(t *testing.T) {
	at := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	q, err := Compile("foo.bar", Options{Since: at, Until: at.Add(time.Hour), Tenant: "a'b", WholeWords: true, Limit: 7})
	if err != nil {
		t.Fatal(err)
	}
	want := "tenant = ‹a'b› AND timestamp >= fromUnixTimestamp64Micro(‹1795478400000000›, 'UTC') AND timestamp < fromUnixTimestamp64Micro(‹1795482000000000›, 'UTC')" +
		" AND (lower(raw) LIKE ‹%foo.bar%› AND hasToken(lower(raw), ‹foo›) AND hasToken(lower(raw), ‹bar›)) ORDER BY timestamp DESC, ingested DESC, block_seq DESC, idx DESC LIMIT 7"
	if diff := cmp.Diff(want, render(q)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestIsSQL(t *testing.T) {
	for text, want := range map[string]bool{"SELECT 1": true, " with x as (select 1) select * from x": true, "(select 1)": true,
		"select\n1": true, "selected": false, "user.name:x": false, "": false, "explain syntax select 1": true,
		"show me": false, "show tables": true, "with care": false, "desc events": true, "exists": false, `"select 1"`: false} {
		if got := IsSQL(text); got != want {
			t.Errorf("IsSQL(%q) = %v", text, got)
		}
	}
}

// FuzzCompile: a search never panics, and no text of it gets into the statement.
func FuzzCompile(f *testing.F) {
	for _, s := range []string{`source.ip:203.0.113.0/24 user.name:*adm* NOT event.outcome:success "free words" | count by source.ip`,
		"a (b OR c) | timechart 5m by zone", "fields['x']:y | top 3 by fields['x']", "url.path:/a\\/b/ source.port:[1 TO 5]", `"`, "((", "|", "失敗 -x !y",
		"event.id:a/b/c/d/e @timestamp:>2026-01-01", "_exists_:x", "a:b:c", "user.name:(a AND b)", "| sum(bytes) | sort sum(bytes) desc | limit 4"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		const mark = "zqx'jwv"
		q, err := Compile(text+` "`+mark+`"`, Options{})
		var e *Error
		switch {
		case err != nil && !errors.As(err, &e):
			t.Fatalf("error is %T", err)
		case err != nil:
			if e.Column() < 1 || e.Message == "" {
				t.Fatalf("poor error %+v", e)
			}
		case strings.Contains(q.SQL, mark):
			t.Fatalf("text in the statement: %s", q.SQL)
		default:
			for name := range q.Params {
				if !strings.Contains(q.SQL, "{"+name+":") {
					t.Fatalf("parameter %s is not used: %s", name, q.SQL)
				}
			}
			if slices.Contains([]byte(q.SQL), 0) {
				t.Fatal("zero byte")
			}
		}
	})
}
