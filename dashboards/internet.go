package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// internetBoard is the home page: what the watch desk looks at (policy 6-3-2).
func internetBoard() board {
	return board{
		uid: "yagura-internet", title: "インターネット接続系 概況 / Internet zone",
		about:     "監視の最初の画面。上段が緑なら「監視できていて、異常なし」。The first page: a green top row means that we watch and that nothing is wrong.",
		variables: []cog.Builder[dashboard.VariableModel]{tenantChoice(), choice("zone", "系 / zone", "internet"), consoleURL()},
		sections: []section{
			{"今の状態 / Now", internetNow()},
			{"警報 / Alerts", internetAlerts()},
			{"通信とログオン / Traffic and sign-in", internetTraffic()},
			{"手がかり / Leads", internetLeads()},
		},
	}
}

func internetNow() []panel {
	return []panel{
		{id: 1, kind: number, title: "未対応インシデント / Open incidents", w: 8, h: 4, sql: "internet/open", unit: "short",
			columns: []string{"critical", "high", "medium", "low"}, link: "${console}/incidents",
			about: "まだ誰も引き受けていないインシデント(レベル別、期間に関係なく現在の数)。緊急・重大から引き受ける。Incidents nobody has taken yet, at this moment whatever the range. Take critical and high first."},
		{id: 2, kind: number, title: "15分以上放置 / Unacknowledged > 15 min", w: 4, h: 4, sql: "internet/unacknowledged", unit: "short",
			columns: []string{"late"}, limits: anyIsBad(), link: "${console}/incidents",
			about: "警告以上で15分以上引き受けられていない数。0でなければ当番が見ていない: 緊急時対応計画に従い次の人へ連絡する。Medium or worse, open for more than 15 minutes: nobody looks; call the next person of the plan."},
		{id: 3, kind: number, title: "監視の鼓動 / Heartbeat", w: 3, h: 4, sql: "shared/heartbeat", unit: "s",
			columns: []string{"last_stored"}, limits: raised(120, 600), link: "/d/yagura-pipeline",
			about: "最後にログを保存してからの秒数。10分を超えたら監視が止まっている: 収集状況のページと yagura doctor を見る。Seconds since a line was last stored. Beyond 10 minutes nothing is being watched: see the pipeline board and yagura doctor."},
		{id: 4, kind: pace, title: "受信の勢い / Events per second", w: 3, h: 4, sql: "internet/rate", unit: "eps",
			columns: []string{"events_per_second"}, link: "/d/yagura-pipeline",
			about: "期間内の毎秒の平均件数。急に増えたら攻撃か機器の異常、減ったら機器の停止を疑う。Mean over the range. A sudden rise hints at an attack or a faulty device, a fall at one that stopped."},
		{id: 5, kind: number, title: "無通信の機器 / Silent sources", w: 3, h: 4, sql: "shared/silent", unit: "short",
			columns: []string{"silent"}, limits: raised(1, 3), link: "/d/yagura-pipeline",
			about: "15分以上ログが届かない機器の数。監査機能の不備(3-2)に当たる: どの機器かは収集状況のページで確かめる。Sources without a line for 15 minutes: a fault of the audit function (3-2). The pipeline board names them."},
		{id: 6, kind: number, title: "受け取れなかったログ / Refused", w: 3, h: 4, sql: "internet/refused", unit: "short",
			columns: []string{"refused"}, limits: anyIsBad(), link: "/d/yagura-pipeline",
			about: "期間内に受け取れなかった行数(UDPの取りこぼし等)。0以外は証跡の欠け: 理由は収集状況のページ。Lines refused within the range, UDP drops included. Not zero: evidence is missing; the pipeline board says why."},
	}
}

func internetAlerts() []panel {
	return []panel{
		{id: 10, kind: bars, title: "警報の推移(レベル別) / Alerts by level", w: 16, h: 8, sql: "internet/alerts_by_level", unit: "short",
			columns: []string{"critical", "high", "medium", "low", "informational"},
			about:   "全区分の警報数。山ができた時刻を範囲選択し、下の表で原因を追う。All classes. Select the time of a peak and follow the tables below."},
		{id: 11, kind: rows, title: "多いルール / Top rules", w: 8, h: 8, sql: "internet/top_rules",
			columns: []string{"rule", "level", "alerts", "last"}, unit: "short",
			about: "期間内に警報を出したルール。誤検知が続くルールは条件を見直す。Rules that fired. One that is wrong again and again needs tuning."},
		{id: 12, kind: rows, title: "インシデント / Incidents", w: 24, h: 9, sql: "internet/incidents",
			columns: []string{"time", "level", "status", "incident", "rule", "about", "alerts", "assignee"}, unit: "short",
			about: "未対応・対応中と、期間内に動いたもの。番号を押すと対応画面が開く。Open ones and those that changed within the range. The number opens the response record."},
	}
}

func internetTraffic() []panel {
	return []panel{
		{id: 20, kind: bars, title: "通信の向き / Traffic by direction", w: 12, h: 8, sql: "internet/directions", unit: "short",
			columns: []string{"outbound", "inbound", "internal", "crossing"},
			about:   "選んだ系の通信ログの件数。「系をまたぐ」は原則ゼロ(6-3-1)。Log lines of traffic of the chosen zone. Crossing should be zero (6-3-1)."},
		{id: 21, kind: lines, title: "外部との通信量 / Bytes to and from outside", w: 12, h: 8, sql: "shared/bytes", unit: "bytes",
			columns: []string{"bytes_out", "bytes_in"}, link: "/d/yagura-outbound?${__url_time_range}",
			about: "外向き通信の送信量と受信量。送信が受信を上回る時間帯は持ち出しを疑う。When more goes out than comes in, think of exfiltration."},
		{id: 22, kind: bars, title: "遮断した通信 / Denied traffic", w: 12, h: 8, sql: "internet/denied", unit: "short",
			columns: []string{"denied_in", "denied_out", "denied_inside"},
			about:   "ファイアウォール等が拒否した件数。外へ・内部での拒否は感染端末の兆候。Denied outbound or inside often means an infected client."},
		{id: 23, kind: bars, title: "ログオンの成否 / Sign-in", w: 12, h: 8, sql: "internet/sign_in", unit: "short",
			columns: []string{"success", "failure"}, link: "/d/yagura-access?${__url_time_range}",
			about: "認証の成功と失敗。失敗の山の後に成功があれば不正アクセスのページで確かめる。A peak of failures followed by a success: look at the access board."},
		{id: 24, kind: lines, title: "全ログ件数と先週の同時刻 / Volume against last week", w: 24, h: 7, sql: "shared/volume", unit: "short",
			columns: []string{"events", "last_week"},
			about:   "全ログの件数。灰色は7日前の同じ時刻。大きく外れたら機器の停止や攻撃を疑う。Grey is the same time seven days before; a large difference deserves a look."},
	}
}

func internetLeads() []panel {
	return []panel{
		{id: 30, kind: rows, title: "拒否された外部の送信元(最大7日) / Denied sources outside", w: 12, h: 9, sql: "internet/denied_sources",
			columns: []string{"source_address", "events", "destinations", "ports", "last"}, unit: "short",
			about: "拒否された外部アドレス。宛先やポートが多いものは探索。アドレスを押すと全記録。Many destinations or ports mean a scan. Click an address for all we know. Raw events, 7 days at most."},
		{id: 31, kind: rows, title: "外へ多く送った端末(最大7日) / Busiest clients", w: 12, h: 9, sql: "internet/busy_clients",
			columns: []string{"source_address", "bytes_out", "bytes_in", "events", "destinations"}, unit: "short",
			about: "外への送信量が多い端末。普段と違う端末がいれば利用者に確かめる。Ask the user when a client is not usually here. Raw events, 7 days at most."},
		{id: 32, kind: raw, title: "ルールに一致したログ(最新200行) / Matched lines", w: 24, h: 12, sql: "internet/lines",
			about: "ルールに一致した原文。行を開くと項目が見え、event_id で証跡を検証できる。Open a line for its fields; event_id leads to the evidence."},
	}
}
