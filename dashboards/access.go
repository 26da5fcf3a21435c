package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// accessBoard looks for people who are where they must not be (policy 3-1, 6-6).
func accessBoard() board {
	return board{
		uid: "yagura-access", title: "不正アクセス / Unauthorized access",
		about: "認証、権限、探索を見る。Sign-in, privileges and scans.",
		variables: []cog.Builder[dashboard.VariableModel]{tenantChoice(), choice("host", "ホスト / host", ""),
			choice("user", "利用者 / user", ""), consoleURL()},
		sections: []section{
			{"概要 / Summary", accessSummary()},
			{"認証 / Sign-in", accessSignIn()},
			{"権限・探索 / Privileges and scans", accessActs()},
			{"記録 / Records", accessRecords()},
		},
	}
}

func accessSummary() []panel {
	return []panel{
		{id: 1, kind: trend, title: "警報 / Alerts", w: 4, h: 4, sql: "access/alert_count", unit: "short",
			columns: []string{"alerts"}, limits: anyIsBad(),
			about: "不正アクセスの警報数。Alerts of this class; begin with the table below."},
		{id: 2, kind: trend, title: "ログオン失敗 / Failed sign-ins", w: 5, h: 4, sql: "access/failures", unit: "short",
			columns: []string{"failures"}, limits: raised(50, 500),
			about: "期間内の認証失敗の合計。普段の数を知っておき、外れたら送信元を見る。Know the usual number; look at the sources when it is off."},
		{id: 3, kind: number, title: "失敗した送信元と利用者 / Who fails", w: 5, h: 4, sql: "access/guessers", unit: "short",
			columns: []string{"source_addresses", "users"},
			about:   "利用者が多く送信元が少なければパスワードスプレー。Many users from few sources: a password spray."},
		{id: 4, kind: number, title: "失敗後に成功 / Success after failures", w: 5, h: 4, sql: "access/broken_in_count", unit: "short",
			columns: []string{"broken_in"}, limits: anyIsBad(),
			about: "5回以上失敗した後に成功した送信元の数。1以上なら侵入を前提に、その利用者の停止と端末の隔離を検討する。Sources that failed five times and then entered. Assume a break-in: disable the account, isolate the host."},
		{id: 5, kind: number, title: "監査ログの消去 / Logs cleared", w: 5, h: 4, sql: "access/logs_cleared", unit: "short",
			columns: []string{"logs_cleared"}, limits: anyIsBad(),
			about: "監査ログが消された回数。正当な理由はまずない: 実行者に確かめ、yaguraに残る写しを保全する。Hardly ever legitimate: ask who did it and keep the copy that yagura holds."},
	}
}

func accessSignIn() []panel {
	return []panel{
		{id: 10, kind: bars, title: "成功と失敗 / Success and failure", w: 12, h: 8, sql: "access/sign_in", unit: "short",
			columns: []string{"success", "failure"},
			about:   "認証の推移。失敗の山を範囲選択して下の表を見る。Select a peak of failures, then read the tables."},
		{id: 11, kind: bars, title: "失敗(ホスト別) / Failures by host", w: 12, h: 8, sql: "access/failures_by_host", unit: "short", series: "host",
			about: "どのホストで失敗しているか。多数のホストで同時に増えれば横展開。Rising on many hosts at once: lateral movement."},
		{id: 12, kind: rows, title: "失敗後に成功した送信元(最大7日) / Sources that got in", w: 24, h: 7, sql: "access/broken_in", unit: "short",
			columns: []string{"source_address", "failures", "entered_as", "hosts", "last"},
			about:   "5回以上失敗した後に成功した送信元。最優先で調べる。Investigate these first."},
		{id: 13, kind: rows, title: "送信元別(最大7日) / By source", w: 12, h: 9, sql: "access/sources", unit: "short",
			columns: []string{"source_address", "failures", "successes", "users", "host_count", "last"},
			about:   "失敗の多い送信元。利用者数が多ければスプレー、一人なら総当り。Many users: spray. One user: brute force."},
		{id: 14, kind: rows, title: "利用者別(最大7日) / By user", w: 12, h: 9, sql: "access/users", unit: "short",
			columns: []string{"user", "failures", "successes", "source_addresses", "last"},
			about:   "失敗の多い利用者。存在しない名前が並べば外部からの推測。Names that do not exist mean guessing from outside."},
		{id: 15, kind: rows, title: "時間外のログオン(最大7日) / Sign-in outside office hours", w: 24, h: 8, sql: "access/off_hours", unit: "short",
			columns: []string{"time", "user", "host", "source_address", "action", "parser"},
			about:   "平日7時から20時以外の成功。予定外なら本人に確かめる(祝日はルールが判断)。Success outside 7:00 to 20:00 on weekdays. Ask the person when it was not planned."},
	}
}

func accessActs() []panel {
	return []panel{
		{id: 20, kind: rows, title: "アカウント・権限・設定の変更 / Accounts, privileges, settings", w: 14, h: 9, sql: "access/privileges", unit: "short",
			columns: []string{"time", "host", "action", "user", "target", "source_address", "parser"},
			about:   "管理者の追加、ログ消去、サービス登録など。作業予定と照らす。Compare with planned work."},
		{id: 21, kind: rows, title: "探索(10以上の拒否) / Scans", w: 10, h: 9, sql: "access/scans", unit: "short",
			columns: []string{"source_address", "ports", "destinations", "events", "first", "last"},
			about:   "10以上のポートか宛先を拒否された送信元。内部の送信元なら感染を疑う。A source inside is probably infected."},
	}
}

func accessRecords() []panel {
	return []panel{
		{id: 30, kind: rows, title: "警報 / Alerts of this class", w: 24, h: 9, sql: "access/alerts", unit: "short",
			columns: []string{"time", "level", "rule", "reason", "source_address", "destination", "user", "host"},
			about:   "不正アクセスの警報(最新100件)。The newest 100."},
		{id: 31, kind: raw, title: "認証と権限の原文(最新200行) / Raw lines", w: 24, h: 12, sql: "access/lines",
			about: "認証と権限に関する原文。上の変数で絞る。Narrow with the variables above."},
	}
}
