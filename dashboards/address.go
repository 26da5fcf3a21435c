package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// addressBoard is everything about one address; tables elsewhere lead here.
func addressBoard() board {
	return board{
		uid: "yagura-address", title: "アドレス調査 / One address",
		about:     "一つのIPアドレスの全記録(最大7日)。Everything about one address; raw events, 7 days at most.",
		variables: []cog.Builder[dashboard.VariableModel]{tenantChoice(), typed("address", "アドレス / address", ""), consoleURL()},
		sections: []section{{"概要 / Summary", []panel{
			{id: 1, kind: number, title: "件数 / Counts", w: 16, h: 4, sql: "address/summary", unit: "short",
				columns: []string{"events", "host_count", "failures", "matched"},
				about:   "上の欄にアドレスを入れる。ルール一致があれば警報の表から。Type an address above. Matches: begin with the alerts."},
			{id: 2, kind: rows, title: "最初と最後 / First and last", w: 8, h: 4, sql: "address/seen", unit: "short",
				columns: []string{"first", "last"},
				about:   "いつから関わっているか。被害範囲の推定に使う。Since when: helps to bound the damage."},
			{id: 3, kind: bars, title: "時系列 / Timeline", w: 24, h: 7, sql: "address/timeline", unit: "short",
				columns: []string{"as_source", "as_destination"},
				about:   "送信元・宛先としての件数。山を範囲選択して原文へ。Select a peak, then read the lines."},
			{id: 4, kind: rows, title: "警報 / Alerts", w: 24, h: 7, sql: "address/alerts", unit: "short",
				columns: []string{"time", "level", "rule", "reason", "source_address", "destination", "user", "host"},
				about:   "このアドレスが関わる警報。Alerts that name this address."},
		}}, {"相手 / Partners", []panel{
			{id: 10, kind: rows, title: "どこへ / Towards", w: 12, h: 9, sql: "address/towards", unit: "short",
				columns: []string{"destination", "port", "action", "events", "bytes_out", "last"},
				about:   "このアドレスからの通信。外部への大量送信に注意。Traffic from this address."},
			{id: 11, kind: rows, title: "どこから / From", w: 12, h: 9, sql: "address/from", unit: "short",
				columns: []string{"source_address", "port", "action", "events", "bytes_in", "last"},
				about:   "このアドレスへの通信。Traffic to this address."},
			{id: 12, kind: rows, title: "利用者 / Users", w: 24, h: 7, sql: "address/users", unit: "short",
				columns: []string{"user", "host", "successes", "failures", "last"},
				about:   "このアドレスからログオンした、または試した利用者。Who signed in, or tried to, from here."},
		}}, {"記録 / Records", []panel{
			{id: 20, kind: raw, title: "原文(最新200行) / Raw lines", w: 24, h: 14, sql: "address/lines",
				about: "このアドレスの原文。全件は yagura query 'source.ip:<アドレス>'。For all of them: yagura query 'source.ip:<address>'."},
		}}},
	}
}
