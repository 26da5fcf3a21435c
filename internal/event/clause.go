package event

// Clause is the short name of a clause of the information security policy.
type Clause struct{ Ja, En string }

// clauses are the policy's clauses by their ids; immutable.
var clauses = map[string]Clause{
	"3-1":   {"不正アクセス・サイバー攻撃・情報漏えい・内部不正", "unauthorized access, cyber attack, leak, insider fraud"},
	"3-2":   {"無断持出し・無許可ソフトウェア・設定不備・監査機能の不備・機器故障", "unauthorized removal, unapproved software, misconfiguration, faults of the audit function"},
	"3-3":   {"災害によるサービスの停止", "outage by disaster"},
	"3-4":   {"要員の不足", "staff shortage"},
	"3-5":   {"電力・通信・水道等の途絶からの波及", "outage of power, communication or water"},
	"4":     {"適用範囲", "scope"},
	"6-2":   {"情報資産の分類と管理", "classification of assets"},
	"6-3-1": {"マイナンバー事務系の分離", "My Number zone: no communication with other zones"},
	"6-3-2": {"インターネット接続系の監視強化", "internet-connected zone: stronger monitoring"},
	"6-4":   {"物理的セキュリティ", "physical security"},
	"6-5":   {"人的セキュリティ", "people: rules and training"},
	"6-6":   {"技術的セキュリティ", "technical security"},
	"6-7":   {"運用・監視・緊急時対応計画", "operation, monitoring, emergency response plan"},
	"6-8":   {"業務委託と外部サービス", "outsourcing and external services"},
	"6-9":   {"評価と見直し", "evaluation and review"},
	"7":     {"監査と自己点検", "audit and self-check"},
	"8":     {"基本方針の見直し", "review of the policy"},
	"9":     {"対策基準の策定", "standards of measures"},
	"10":    {"実施手順の策定(非公開)", "procedures (not public)"},
}

// ClauseOf returns a clause's short name; the zero Clause for one that the policy
// has not.
func ClauseOf(id string) Clause { return clauses[id] }
