package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// hostBoard is everything about one host, or a few; tables elsewhere lead here.
func hostBoard() board {
	return board{
		uid: "yagura-host", title: "ホスト調査 / One host",
		about:     "選んだホストの全記録。Everything about the chosen hosts.",
		variables: []cog.Builder[dashboard.VariableModel]{tenantChoice(), choice("host", "ホスト / host", ""), consoleURL()},
		sections: []section{{"概要 / Summary", []panel{
			{id: 1, kind: number, title: "件数 / Counts", w: 12, h: 4, sql: "host/summary", unit: "short",
				columns: []string{"events", "matched"},
				about:   "期間内のログとルール一致の数。Lines, and lines that matched a rule."},
			{id: 2, kind: rows, title: "最後のログ / Last line", w: 12, h: 4, sql: "host/seen", unit: "short",
				columns: []string{"last"},
				about:   "最後にログが届いた時刻。古ければ停止か設定を確かめる。Old: the host is down or no longer sends."},
			{id: 3, kind: bars, title: "種類別の推移 / By kind", w: 12, h: 8, sql: "host/categories", unit: "short", series: "kind",
				about: "ログの種類別の件数。普段と違う種類の増加に注意。Beware of a rise in an unusual kind."},
			{id: 4, kind: bars, title: "一致したルール / Rules that matched", w: 12, h: 8, sql: "host/matches", unit: "short", series: "rule",
				about: "どのルールにいつ一致したか。Which rule matched when."},
			{id: 5, kind: rows, title: "警報 / Alerts", w: 24, h: 7, sql: "host/alerts", unit: "short",
				columns: []string{"time", "level", "rule", "reason", "source_address", "destination", "user", "host"},
				about:   "このホストが関わる警報。Alerts that name this host."},
		}}, {"詳細(最大7日) / Details", []panel{
			{id: 10, kind: rows, title: "利用者 / Users", w: 8, h: 9, sql: "host/users", unit: "short",
				columns: []string{"user", "successes", "failures", "source_addresses", "last"},
				about:   "このホストの利用者。知らない名前を調べる。Examine names you do not know."},
			{id: 11, kind: rows, title: "プロセスと動作 / Processes and actions", w: 8, h: 9, sql: "host/processes", unit: "short",
				columns: []string{"process", "action", "events", "matched", "last"},
				about:   "何が動いたか。ルール一致が上に来る。What ran; matches come first."},
			{id: 12, kind: rows, title: "相手のアドレス / Addresses", w: 8, h: 9, sql: "host/addresses", unit: "short",
				columns: []string{"source_address", "events", "failures", "last"},
				about:   "このホストのログに現れた送信元。Sources named in its lines."},
		}}, {"記録 / Records", []panel{
			{id: 20, kind: raw, title: "原文(最新200行) / Raw lines", w: 24, h: 14, sql: "host/lines",
				about: "このホストの原文。The host's lines."},
		}}},
	}
}
