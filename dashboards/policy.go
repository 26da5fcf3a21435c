package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// policyBoard walks from a clause of the security policy to what was seen.
func policyBoard() board {
	return board{
		uid: "yagura-policy", title: "規程違反 / Policy violations",
		about:     "情報セキュリティ基本方針の条項ごとに見る。By clause of the information security policy.",
		variables: []cog.Builder[dashboard.VariableModel]{tenantChoice(), choice("clause", "条項 / clause", ""), consoleURL()},
		sections: []section{
			{"概要 / Summary", policySummary()},
			{"条項 / Clauses", policyClauses()},
			{"系の分離と持ち出し / Zones and removal", policyZones()},
			{"変更と拠点 / Changes and sites", policyChanges()},
		},
	}
}

func policySummary() []panel {
	return []panel{
		{id: 1, kind: trend, title: "違反の警報 / Violations", w: 4, h: 4, sql: "policy/alert_count", unit: "short",
			columns: []string{"alerts"}, limits: anyIsBad(),
			about: "規程違反の警報数。個人を責める前に、業務上の事情と設定誤りを確かめる。Look for a reason in the work and for misconfiguration before blaming a person."},
		{id: 2, kind: number, title: "禁止の通信 / Forbidden flows", w: 4, h: 4, sql: "policy/forbidden", unit: "short",
			columns: []string{"forbidden"},
			about:   "許可されていない系の間の通信(6-3-1)。原則0。Traffic between zones that is not allowed (6-3-1). Should be zero."},
		{id: 3, kind: number, title: "外部媒体の接続 / Removable media", w: 4, h: 4, sql: "policy/media", unit: "short",
			columns: []string{"media"}, limits: raised(1, 10),
			about: "USB記憶装置等の接続回数。許可台帳と照らす。Compare with the register of permitted media."},
		{id: 4, kind: number, title: "設定と権限の変更 / Changes", w: 4, h: 4, sql: "policy/configured", unit: "short",
			columns: []string{"changes"},
			about:   "機器やアカウントの変更の記録数。作業記録と照らす。Compare with the record of planned work."},
		{id: 5, kind: number, title: "無通信の機器 / Silent sources", w: 4, h: 4, sql: "shared/silent", unit: "short",
			columns: []string{"silent"}, limits: raised(1, 3), link: "/d/yagura-pipeline",
			about: "監査機能の不備(3-2)。収集状況のページで機器を確かめる。Faults of the audit function (3-2); the pipeline board names the sources."},
		{id: 6, kind: number, title: "1日以上未対応 / Open for a day", w: 4, h: 4, sql: "policy/late", unit: "short",
			columns: []string{"late"}, limits: anyIsBad(), link: "${console}/incidents",
			about: "1日以上引き受けられていないインシデント(6-7)。責任者へ報告する。Incidents nobody took for a day (6-7): report to the responsible officer."},
	}
}

func policyClauses() []panel {
	return []panel{
		{id: 10, kind: rows, title: "条項別の状況 / By clause", w: 14, h: 11, sql: "policy/clauses", unit: "short",
			columns: []string{"clause", "title", "alerts", "rules", "last", "open"},
			about:   "条項ごとの警報。0件は「違反なし」か「見張るルールがない」: yagura rules coverage で区別する。Zero means no violation or no rule: yagura rules coverage tells which."},
		{id: 11, kind: bars, title: "区分別の推移 / By class", w: 10, h: 11, sql: "policy/classes", unit: "short",
			columns: []string{"unauthorized_access", "abnormal_outbound", "policy_violation"},
			about:   "選んだ条項の警報を区分別に。月次報告の基になる。Alerts of the chosen clauses by class; the monthly report rests on these."},
		{id: 12, kind: rows, title: "違反の警報 / Violations", w: 24, h: 9, sql: "policy/alerts", unit: "short",
			columns: []string{"time", "level", "rule", "reason", "source_address", "destination", "user", "host"},
			about:   "規程違反の警報(最新100件)。個人名は責任者だけが扱う(6-5)。The newest 100. Names are for the responsible officer only (6-5)."},
	}
}

func policyZones() []panel {
	return []panel{
		{id: 20, kind: bars, title: "系をまたぐ通信 / Traffic between zones", w: 10, h: 9, sql: "policy/crossing", unit: "short", series: "zones",
			about: "系の組み合わせごとの件数。無害化通信以外は0のはず。Anything but sanitized communication should be zero."},
		{id: 21, kind: rows, title: "系の間の通信と判定(最大7日) / Flows and verdicts", w: 14, h: 9, sql: "policy/flows", unit: "short",
			columns: []string{"zone_from", "zone_to", "flow", "port", "events", "clients", "by", "last"},
			about:   "「禁止」はyagura.yamlのflowsにない通信。正当なら設定に加え、そうでなければ端末を調べる。Forbidden: not among the flows of yagura.yaml. Add it when legitimate, else examine the client."},
		{id: 22, kind: rows, title: "外部媒体(最大7日) / Removable media", w: 12, h: 8, sql: "policy/devices", unit: "short",
			columns: []string{"time", "host", "action", "user", "line"},
			about:   "USB機器の接続。マイナンバー事務系では違反(6-3-1)。In the My Number zone a violation (6-3-1)."},
		{id: 23, kind: rows, title: "外部サービスの利用(最大7日) / Outside services", w: 12, h: 8, sql: "policy/services", unit: "short",
			columns: []string{"service", "events", "clients", "bytes_out", "last"},
			about:   "個人向けクラウド、ファイル転送、遠隔操作(6-8)。許可したものか確かめる。Personal cloud storage, file transfer, remote control (6-8): permitted?"},
	}
}

func policyChanges() []panel {
	return []panel{
		{id: 30, kind: rows, title: "設定変更(最大7日) / Configuration changes", w: 16, h: 9, sql: "policy/changes", unit: "short",
			columns: []string{"time", "host", "action", "user", "source_address", "parser", "line"},
			about:   "ネットワーク機器やサーバの設定変更。保守の時間帯か確かめる。Was it within a maintenance window?"},
		{id: 31, kind: rows, title: "拠点別 / By site", w: 8, h: 9, sql: "policy/sites", unit: "short",
			columns: []string{"site", "events", "matched"},
			about:   "本庁・出先機関ごとの件数とルール一致数。個人は示さない(6-5)。By site, without naming individuals (6-5)."},
	}
}
