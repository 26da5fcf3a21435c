package alert

import "yagura/internal/event"

// words are what a mail says in one language.
type words struct {
	product                                                         string
	level                                                           [5]string
	about, why, when, lines, action, policy, falseOnes, more, reply string
	rule, author, tags, summary                                     string
	first, last, count, opened, incident, severity, class           string
	matched, ack, closeIt, show, console, query                     string
	escalated, instead, digest, digestLead, more5, masked, footer   string
	classes                                                         map[string]string
}

var japanese = words{
	product: "櫓", level: [5]string{"情報", "低", "中", "高", "緊急"},
	about: "対象", why: "検知の理由", when: "日時と回数", lines: "最初のログ", action: "いま行うこと",
	policy: "情報セキュリティ基本方針の該当条項", falseOnes: "誤検知の例", more: "さらに調べる", reply: "対応の記録",
	rule: "ルール", author: "作成者", tags: "タグ", summary: "English",
	first: "最初", last: "最後", count: "回数", opened: "通知作成", incident: "インシデント", severity: "重要度", class: "区分",
	matched: "条件", ack: "確認した(以後の再通知を止める)", closeIt: "対応を終えた", show: "詳細を見る", console: "画面", query: "検索",
	escalated: "再通知: 先に通知した担当者の確認が期限までに無かったため、次の担当者に通知しています。これまでの警報 %d 件、イベント %d 件。",
	instead:   "代替通知: 先の担当者あてのメールが受け取りを拒否されたため、次の担当者に通知しています。",
	digest:    "まとめ: インシデント %d 件", digestLead: "短時間に多数のインシデントが発生したため、%d 件をまとめて通知します。個々の対応は各番号で行ってください。",
	more5: "ほか %d 件", masked: "アドレスの一部は設定により伏せています。", footer: "このメールは櫓 (yagura) が自動で送信しました。値とログは不正な操作を避けるため無害化して表示しています([.] など)。",
	classes: map[string]string{event.ClassUnauthorizedAccess: "不正アクセス", event.ClassAbnormalOutbound: "異常な外向き通信", event.ClassPolicyViolation: "ポリシー違反"},
}

var english = words{
	product: "yagura", level: [5]string{"INFO", "LOW", "MEDIUM", "HIGH", "CRITICAL"},
	about: "To whom and what", why: "Why", when: "When and how often", lines: "First lines", action: "What to do now",
	policy: "Policy clauses", falseOnes: "Known false positives", more: "See more", reply: "Record your response",
	rule: "Rule", author: "Author", tags: "Tags", summary: "日本語",
	first: "First", last: "Last", count: "Count", opened: "Mail made", incident: "Incident", severity: "Level", class: "Class",
	matched: "pattern", ack: "Taken in hand (stops escalation)", closeIt: "Done", show: "Details", console: "Console", query: "Search",
	escalated: "Escalation: nobody told before you has acknowledged this in time. So far %d alerts, %d events.",
	instead:   "In place of another: the mail to the person before you was refused for good.",
	digest:    "Digest: %d incidents", digestLead: "Many incidents began in a short time; here are %d of them in one mail. Respond to each by its number.",
	more5: "%d more", masked: "Parts of addresses are masked by configuration.", footer: "Sent automatically by yagura. Values and log lines are shown defanged ([.] and the like).",
	classes: map[string]string{event.ClassUnauthorizedAccess: "unauthorized access", event.ClassAbnormalOutbound: "abnormal outbound traffic", event.ClassPolicyViolation: "policy violation"},
}

// labels of the fields that say who and what, in the order shown.
var labels = []struct{ field, ja, en string }{
	{"source.ip", "送信元", "Source"},
	{"yagura.source.asset", "送信元の資産", "Source asset"},
	{"yagura.source.zone", "送信元の系", "Source zone"},
	{"destination.ip", "宛先", "Destination"},
	{"destination.domain", "宛先の名前", "Destination name"},
	{"destination.port", "宛先ポート", "Destination port"},
	{"yagura.destination.asset", "宛先の資産", "Destination asset"},
	{"yagura.destination.zone", "宛先の系", "Destination zone"},
	{"url.domain", "URL のホスト", "URL host"},
	{"user.name", "利用者", "User"},
	{"user.target.name", "対象の利用者", "Target user"},
	{"host.name", "ホスト", "Host"},
	{"yagura.host.asset", "ホストの資産", "Host asset"},
	{"yagura.asset.class", "資産の分類", "Asset class"},
	{"yagura.zone", "系", "Zone"},
	{"yagura.site", "所在", "Site"},
	{"network.direction", "方向", "Direction"},
	{"process.name", "プロセス", "Process"},
}

// speech is one language of a mail.
type speech struct {
	words
	ja bool
}

func speak(language string) speech {
	if language == "en" {
		return speech{english, false}
	}
	return speech{japanese, true}
}

// other is the language that comes second.
func (s speech) other() speech {
	if s.ja {
		return speak("en")
	}
	return speak("ja")
}

// pick returns the text in this language, else the other one.
func (s speech) pick(ja, en string) string {
	if s.ja {
		return or(ja, en)
	}
	return or(en, ja)
}

func (s speech) clause(id string) string {
	c := event.ClauseOf(id)
	return s.pick(c.Ja, c.En)
}
