package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// pipelineBoard shows whether the watch itself works: the books, sources, what
// could not be read, the evidence chain (policy 3-2, faults of the audit function).
func pipelineBoard() board {
	return board{
		uid: "yagura-pipeline", title: "収集状況と帳簿 / Pipeline health and books",
		about:     "受信 = 受理 + 拒否、受理 = 保存 + 保存不能 + 未保存。received = accepted + refused; accepted = stored + dead + pending.",
		variables: []cog.Builder[dashboard.VariableModel]{tenantChoice(), consoleURL()},
		sections: []section{
			{"帳簿 / Books", pipelineBooks()},
			{"流れ / Flow", pipelineFlow()},
			{"機器 / Sources", pipelineSources()},
			{"異常と保管 / Faults and storage", pipelineFaults()},
		},
	}
}

func pipelineBooks() []panel {
	return []panel{
		{id: 1, kind: number, title: "帳簿 / Books", w: 12, h: 4, sql: "pipeline/books", unit: "short",
			columns: []string{"received", "accepted", "refused", "stored", "dead", "pending"},
			about:   "期間内の帳簿。拒否・保存不能・未保存が0でなければ、下の表で機器と理由を確かめる。Refused, dead or pending not zero: the tables below name the source and the reason."},
		{id: 2, kind: number, title: "監視の鼓動 / Heartbeat", w: 3, h: 4, sql: "shared/heartbeat", unit: "s",
			columns: []string{"last_stored"}, limits: raised(120, 600),
			about: "最後に保存してからの秒数。増え続けるなら yagura doctor。Still rising: run yagura doctor."},
		{id: 3, kind: number, title: "無通信の機器 / Silent", w: 3, h: 4, sql: "shared/silent", unit: "short",
			columns: []string{"silent"}, limits: raised(1, 3),
			about: "15分以上ログのない機器。下の表の上から確かめる。No line for 15 minutes; the table below lists them first."},
		{id: 4, kind: number, title: "証跡の連鎖 / Evidence chain", w: 4, h: 4, sql: "pipeline/chain", unit: "short",
			columns: []string{"chain_gaps", "absent"}, limits: anyIsBad(),
			about: "連鎖の番号の欠けと、バスで失われた塊。0以外なら yagura doctor。Missing links, and blocks lost on the bus. Not zero: yagura doctor."},
		{id: 5, kind: number, title: "未判定 / Unjudged", w: 2, h: 4, sql: "pipeline/unjudged", unit: "short",
			columns: []string{"unjudged"}, limits: anyIsBad(),
			about: "検知が止まっている間に保存された行(最大7日)。再判定の対象。Stored while detection was down; raw events, 7 days at most."},
	}
}

func pipelineFlow() []panel {
	return []panel{
		{id: 10, kind: lines, title: "受信と保存 / Received and stored", w: 12, h: 8, sql: "pipeline/flow", unit: "eps",
			columns: []string{"received", "stored"},
			about:   "二つの線が重なれば健全。保存が遅れ続けるならClickHouseかディスクを見る。The lines should lie on each other. Storing lags: look at ClickHouse or the disk."},
		{id: 11, kind: bars, title: "受け取れなかった理由 / Refused by reason", w: 12, h: 8, sql: "pipeline/refused", unit: "short",
			columns: []string{"kernel_full", "share", "frame", "denied", "bus_full", "shutdown", "crash", "dead"},
			about:   "kernel_full: UDPの溢れ。share: 一台が出しすぎ。denied: 許可外の送信元。bus_full: ディスクかバスが満杯。crash: 異常終了で失われた上限。Each reason is of a closed list; crash is an upper bound."},
		{id: 12, kind: lines, title: "件数と先週の同時刻 / Volume against last week", w: 12, h: 7, sql: "shared/volume", unit: "short",
			columns: []string{"events", "last_week"},
			about:   "灰色は7日前。下回り続ける時は機器の停止を疑う。Staying below grey: a device has stopped."},
		{id: 13, kind: bars, title: "解釈の質 / Quality of parsing", w: 6, h: 7, sql: "pipeline/quality", unit: "short",
			columns: []string{"unparsed", "partial", "clock_wrong"},
			about:   "読めなかった行と時計の異常。原文は残る。増えたら機器の更新や設定を確かめる。The raw lines are kept. A rise: a device was updated or its clock is off."},
		{id: 14, kind: lines, title: "原文の量 / Raw bytes", w: 6, h: 7, sql: "pipeline/bytes", unit: "bytes",
			columns: []string{"raw_bytes"},
			about:   "保存した原文の量。保管容量の見積りに使う。For sizing the storage."},
	}
}

func pipelineSources() []panel {
	return []panel{
		{id: 20, kind: rows, title: "機器の一覧 / Sources", w: 24, h: 10, sql: "pipeline/sources", unit: "short",
			columns: []string{"peer", "listener", "parser", "last", "silent_seconds", "events_per_second", "events", "refused", "unparsed", "clock_offset"},
			about:   "一度でもログを送った機器の全て(現在の状態)。静かな順。5分以上の時計のずれはNTPを直す。Every source ever heard, most silent first, as of now. A clock off by 5 minutes: mend NTP."},
		{id: 21, kind: rows, title: "機器別の帳簿 / Books by source", w: 14, h: 9, sql: "pipeline/books_by_source", unit: "short",
			columns: []string{"peer", "listener", "received", "accepted", "refused", "stored", "dead", "pending"},
			about:   "期間内の帳簿を機器別に。等式が崩れた行が欠けの場所。Where the equation breaks, lines are missing."},
		{id: 22, kind: rows, title: "パーサ別(最大7日) / By parser", w: 10, h: 9, sql: "pipeline/parsers", unit: "short",
			columns: []string{"parser", "events", "sources", "unparsed", "partial", "clock_wrong", "last"},
			about:   "どの解釈器が何を読んだか。genericが多い機器は種類をsourcesに書く。Much generic: name the device under sources in yagura.yaml."},
		{id: 23, kind: rows, title: "機器別の未解釈 / Unparsed by source", w: 24, h: 8, sql: "pipeline/unparsed_by_source", unit: "short",
			columns: []string{"peer", "listener", "parser", "stored", "unparsed_share", "partial_share", "unparsed", "partial"},
			about:   "機器ごとの、読めなかった行と一部だけ読めた行の割合。多い機器は yagura sources --unparsed で行を見て、設定ファイルでパーサを書く。A high share: look at the lines with yagura sources --unparsed SOURCE and write a parser."},
	}
}

func pipelineFaults() []panel {
	return []panel{
		{id: 30, kind: rows, title: "保存できなかった行 / Dead letters", w: 12, h: 8, sql: "pipeline/dead", unit: "short",
			columns: []string{"time", "peer", "code", "reason", "event_id"},
			about:   "保存を断られた行と理由。原文は残る。開発元へ理由を伝える。Kept raw, with the reason; tell the maintainers."},
		{id: 31, kind: rows, title: "保管容量 / Storage", w: 12, h: 8, sql: "pipeline/storage", unit: "short",
			columns: []string{"table", "stored_rows", "disk", "raw_bytes", "first"},
			about:   "表ごとの容量。古いものを自動では消さない: yaguraの保持設定で署名付きで消す。Nothing is deleted by age; retention is yagura's own signed act."},
		{id: 32, kind: raw, title: "読めなかった行の原文(最新200行) / Lines with faults", w: 24, h: 10, sql: "pipeline/lines",
			about: "未解釈・一部解釈・時計異常の原文。Unparsed, partly parsed or with a wrong clock."},
	}
}
