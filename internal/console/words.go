package console

// speech is one language of the pages.
type speech struct {
	lang  string
	index int // in words
}

var languages = map[string]speech{"ja": {"ja", 0}, "en": {"en", 1}}

// say returns the text of a key; a key that does not exist is a fault of ours
// that the tests of the pages find.
func (s speech) say(key string) string {
	pair, ok := words[key]
	if !ok {
		panic("console: no words for " + key)
	}
	return pair[s.index]
}

// pick returns the text in this language, else the other one.
func (s speech) pick(ja, en string) string {
	if s.lang == "en" && en != "" || ja == "" {
		return en
	}
	return ja
}

// words of the pages: Japanese, English. policy.md's terms where it has them.
var words = map[string][2]string{
	"product": {"櫓", "yagura"}, "tagline": {"ログ収集・セキュリティ監視", "log collection and security monitoring"},
	"overview": {"概況", "Overview"}, "search": {"検索", "Search"}, "incidents": {"インシデント", "Incidents"}, "incident": {"インシデント", "Incident"},
	"logout": {"ログオフ", "Log off"}, "login": {"ログオン", "Log on"}, "other_lang": {"English", "日本語"}, "skip": {"本文へ", "Skip to content"},
	"log_name": {"お名前(対応の記録に残ります)", "Your name (kept in the response record)"}, "log_token": {"アクセストークン", "Access token"},
	"log_help":  {"トークンは実行中のデータフォルダーの contact.json にあります(所有者だけが読めます)。", "The token is in contact.json in the data folder of the running instance (readable by its owner only)."},
	"log_wrong": {"トークンが違います。", "The token is wrong."}, "log_noname": {"お名前を入力してください。", "Enter your name."},
	"log_wait":   {"失敗が続いたため、しばらく受け付けません。1 分ほどお待ちください。", "Too many failures from this address; wait a minute."},
	"state_ok":   {"監視中", "Watching"},
	"state_warn": {"監視中(注意事項あり)", "Watching, with warnings"}, "state_critical": {"監視に支障があります", "Monitoring is impaired"},
	"state_nodata": {"データが届いていません", "No data"}, "state_unknown": {"状態を確認できません", "State unknown"},
	"nodata_help": {"この 10 分間、どの機器からもログを受信していません。送信側の設定と経路を確認してください。", "No log line has arrived from any device for 10 minutes. Check the senders' settings and the path."},
	"nodata_new":  {"まだ一行も受信していません。機器の syslog の送信先をこの装置に設定してください。試すには: yagura send --story ssh_bruteforce", "Nothing has arrived yet. Point your devices' syslog at this host. To try it out: yagura send --story ssh_bruteforce"},
	"last_event":  {"最後のイベント", "Last event"}, "none": {"なし", "none"}, "hour_lines": {"直近 1 時間の受信", "Received in the last hour"},
	"open_count": {"未対応のインシデント", "Open incidents"}, "alerts_today": {"本日のアラート", "Alerts today"}, "refused_hour": {"受け取れなかった行", "Refused lines"},
	"silent_count": {"沈黙している送信元", "Silent sources"}, "per_minute": {"1 分あたりの受信行数(直近 1 時間)", "Lines received a minute (last hour)"},
	"findings": {"点検の結果", "Findings"}, "findings_ok": {"異常は見つかっていません。", "Nothing is wrong."}, "mend": {"対処", "Mend"},
	"stages": {"処理の各段", "Stages"}, "pending": {"待ち", "waiting"}, "books": {"受信の帳簿(直近 1 時間・送信元別)", "Books (last hour, by source)"},
	"books_note": {"受信 = 受理 + 拒否、受理 = 保存 + 隔離 + 処理中(いまの数秒分は揃うまで合わないことがあります)", "received = accepted + refused; accepted = stored + dead + pending (the last seconds may still be settling)"},
	"peer":       {"送信元", "Source"}, "listener": {"受け口", "Listener"}, "received": {"受信", "Received"}, "accepted": {"受理", "Accepted"}, "refused": {"拒否", "Refused"},
	"stored": {"保存", "Stored"}, "dead": {"隔離", "Dead"}, "in_flight": {"処理中", "Pending"}, "total": {"合計", "Total"},
	"more_rows": {"ほかにもあります。", "There are more."}, "sources_silent": {"沈黙している送信元(15 分以上)", "Sources silent for 15 minutes or more"}, "sources_fine": {"すべての送信元から受信しています。", "Every source is being heard."},
	"last_seen": {"最終受信", "Last seen"}, "parser": {"種類", "Parser"}, "latest": {"対応が必要なインシデント", "Incidents that need you"}, "latest_none": {"未対応・対応中のインシデントはありません。", "No open or acknowledged incident."},
	"unreadable":    {"読み出せません", "Cannot be read"},
	"informational": {"情報", "Info"}, "low": {"低", "Low"}, "medium": {"中", "Medium"}, "high": {"高", "High"}, "critical": {"緊急", "Critical"}, "ok": {"正常", "OK"}, "warning": {"注意", "Warning"},
	"open": {"未対応", "Open"}, "acknowledged": {"対応中", "Acknowledged"}, "closed": {"終了", "Closed"}, "all": {"すべて", "All"},
	"unauthorized_access": {"不正アクセス", "Unauthorized access"}, "abnormal_outbound": {"異常な外向き通信", "Abnormal outbound"}, "policy_violation": {"ポリシー違反", "Policy violation"},
	"level": {"重要度", "Level"}, "status": {"状態", "Status"}, "opened": {"発生", "Opened"}, "updated": {"更新", "Updated"}, "rule": {"ルール", "Rule"}, "class": {"区分", "Class"}, "about": {"対象", "About"},
	"alerts": {"アラート", "Alerts"}, "events": {"イベント", "Events"}, "assignee": {"担当", "Assignee"}, "mail": {"メール", "Mail"},
	"mail_due": {"送信待ち", "due"}, "mail_sending": {"送信中", "sending"}, "mail_sent": {"送信済み", "sent"}, "mail_failed": {"送信できず", "failed"}, "mail_suppressed": {"抑制", "suppressed"},
	"why": {"検知の理由", "Why"}, "selection": {"条件", "Selection"}, "field": {"項目", "Field"}, "value": {"値", "Value"}, "pattern": {"パターン", "Pattern"},
	"first_events": {"最初のアラートのイベント", "Events of the first alert"}, "time": {"日時", "Time"}, "line": {"内容", "Line"}, "find_events": {"前後のイベントを検索", "Search the events around it"},
	"runbook": {"対応手順", "What to do"}, "no_runbook": {"このルールには手順がありません。緊急時対応計画に従ってください。", "This rule has no runbook. Follow the emergency response plan."},
	"falsepositives": {"誤検知の例", "Known false positives"}, "policy": {"情報セキュリティ基本方針の該当条項", "Policy clauses"}, "tags": {"タグ", "Tags"}, "author": {"作成者", "Author"},
	"record": {"対応の記録", "Response record"}, "record_none": {"まだ記録がありません。", "No entry yet."}, "your_note": {"確認したこと・行ったこと", "What you found or did"},
	"do_ack": {"対応を始める", "Acknowledge"}, "do_close": {"終了にする", "Close"}, "do_note": {"記録を残す", "Add note"}, "note_acknowledged": {"対応開始", "Acknowledged"}, "note_closed": {"終了", "Closed"}, "note_assigned": {"担当者の指定", "Assigned"}, "as_who": {"記入者", "As"},
	"ack_help": {"「対応を始める」を押すと、次の担当者への再通知が止まります。", "Acknowledging stops the escalation to the next person."}, "incidents_none": {"該当するインシデントはありません。", "No such incident."},
	"newest": {"新しい順に %s 件を表示しています。", "Showing the newest %s."}, "back_list": {"一覧へ", "To the list"},
	"search_label": {"検索式または SELECT 文", "Search, or a SELECT statement"}, "since": {"開始", "From"}, "until": {"終了", "Until"}, "now": {"現在", "now"}, "run": {"検索", "Search"},
	"rows": {"件数の上限", "Rows"}, "range": {"期間", "Range"}, "hits": {"%s 件", "%s rows"}, "hits_cut": {"%s 件で打ち切りました。期間か条件を絞るか、上限を上げてください。", "Cut at %s rows. Narrow the range or the search, or raise the limit."},
	"no_hits": {"該当するイベントはありません。", "Nothing found."}, "no_hits_help": {"期間を広げるか、条件を減らしてください。", "Try a longer range or fewer conditions."},
	"export": {"CSV で保存(最大 10 万行)", "Save as CSV (up to 100,000 rows)"}, "show_sql": {"実行した SQL", "The SQL"}, "help": {"検索式の書き方", "How to write a search"}, "chart_of": {"イベント数の推移", "Events over time"}, "chart_none": {"推移を表示できません", "No chart"},
	"broken": {"途中で中断しました。ここまでの行は完全な結果ではありません", "Broken off; the rows so far are not the whole result"}, "took": {"所要 %s ミリ秒", "%s ms"}, "sql_range": {"SELECT 文には期間の指定が効きません。文中で timestamp を絞ってください。", "The range does not apply to a SELECT statement; narrow timestamp in the statement."},
	"host": {"ホスト", "Host"}, "what": {"動作", "Action"}, "who": {"利用者", "User"}, "from_to": {"送信元 → 宛先", "Source → destination"}, "message": {"内容", "Message"},
	"pages": {"ページ", "Pages"}, "tail": {"ライブ", "Live"}, "tail_label": {"絞り込み(空欄はすべて)", "Filter (empty: everything)"}, "tail_run": {"表示", "Watch"}, "tail_heading": {"届いているイベント", "Events as they arrive"},
	"tail_help": {"受信して解析した直後のイベントを新しい順に表示します(保存の前)。過去の分は検索で探してください。", "Events right after parsing, before they are stored, newest first. For earlier ones use the search."},
	"tail_on":   {"受信中", "connected"}, "tail_off": {"接続が切れました。再接続しています…", "connection lost, trying again…"}, "tail_paused": {"一時停止中", "paused"}, "tail_pause": {"一時停止", "Pause"}, "tail_resume": {"再開", "Resume"},
	"tail_skipped": {"多いため %s 件を省略しました。絞り込んでください。", "%s events left out: too many to read. Narrow the filter."}, "tail_noscript": {"この画面には JavaScript が必要です。コマンドでは: yagura tail", "This page needs JavaScript. As a command: yagura tail"},
	"too_big":    {"送られた内容が長すぎます (64 KiB まで)。短くしてお送りください。", "What was sent is too large (64 KiB at most). Shorten it and send it again."},
	"store_slow": {"データベースが時間内に応答しません。受信・検知・通知は続いています。概況の点検の結果をご覧ください。", "The store does not answer in time. Receiving, detecting and mailing go on. See the findings on the overview."},
	"store_away": {"データベースに接続できません。受信・検知・通知は続いています。概況の点検の結果をご覧ください。", "The store cannot be reached. Receiving, detecting and mailing go on. See the findings on the overview."},
	"do_assign":  {"担当にする", "Assign"}, "assign_to": {"担当者", "Assign to"}, "search_fault": {"この検索は実行できません。", "This search cannot run."},
	"hunt": {"調査", "Investigate"}, "hunt_label": {"IP アドレス・利用者名・ホスト名", "An address, a user or a host"}, "hunt_at": {"時点", "At"}, "hunt_run": {"調べる", "Look"},
	"hunt_help": {"IP アドレスを入れると、その時点でどの端末・誰が使っていたか(DHCP・ログオン・VPN・プロキシの記録)と、前後 12 時間の動きを表示します。", "For an address: which machine and person had it at that time, by leases, log-ons, VPN and proxy, and what was seen of it within 12 hours."},
	"hunt_who":  {"この時点でこのアドレスを使っていたもの(近い記録から)", "Who had this address at that time (closest record first)"}, "hunt_is": {"種別", "Kind"}, "hunt_name": {"名前", "Name"}, "hunt_by": {"根拠", "Known by"},
	"hunt_before": {"時点より前の最後", "Last before"}, "hunt_after": {"時点より後の最初", "First after"}, "hunt_nobody": {"この時点の DHCP・ログオン・資産の記録に、このアドレスはありません。", "No lease, log-on or asset of that time names this address."},
	"hunt_timeline": {"時系列(前後 12 時間)", "Timeline (12 hours around)"}, "hunt_search": {"検索で開く", "Open as a search"},
	"tie_pc": {"端末", "Machine"}, "tie_person": {"利用者", "Person"}, "tie_mac": {"MAC アドレス", "MAC"}, "tie_remote": {"接続元", "Remote address"}, "tie_asset": {"資産台帳", "Asset"},
	"col_time": {"日時", "Time"}, "col_host": {"ホスト", "Host"}, "col_action": {"動作", "Action"}, "col_outcome": {"結果", "Outcome"}, "col_user": {"利用者", "User"}, "col_source": {"送信元", "Source"}, "col_destination": {"宛先", "Destination"}, "col_alert": {"アラート", "Alert"}, "col_message": {"内容", "Message"},
	"raw": {"受信した行(原文)", "The line as received"}, "add": {"この値で絞り込む", "Only this value"}, "not": {"この値を除く", "Without this value"}, "matched": {"ルールに一致", "Matched a rule"}, "bar_hint": {"棒を選ぶと期間を絞り込みます。", "Pick a bar to narrow the range."},
	"ago_seconds": {"%s 秒前", "%s s ago"}, "ago_minutes": {"%s 分前", "%s min ago"}, "ago_hours": {"%s 時間前", "%s h ago"}, "ago_days": {"%s 日前", "%s days ago"},
	"missing": {"ページがありません。", "There is no such page."}, "error": {"エラー", "Error"}, "failed": {"処理できませんでした", "That did not work"},
	"h_words": {"行に含む語(大文字小文字を区別しない)", "the line holds it, in any case"}, "h_field": {"項目の値。\"…\" は完全一致、* と ? は任意の文字", "a field's value; \"…\" exactly, * and ? stand for any"},
	"h_net": {"ネットワーク。ip: は送信元・宛先の両方", "a network; ip: asks both ends"}, "h_bool": {"論理演算と括弧", "logic and parentheses"}, "h_range": {"範囲と比較", "ranges and comparison"},
	"h_regexp": {"正規表現 (RE2)", "regular expression (RE2)"}, "h_exists": {"項目がある", "the field is there"}, "h_map": {"ECS にない項目", "a name that is not ECS"}, "h_count": {"集計(count, sum, avg, min, max, dc, top, rare)", "grouping (count, sum, avg, min, max, dc, top, rare)"}, "h_chart": {"時間ごとの推移", "over time"}, "h_sql": {"SQL(読み取り専用): events, alerts, incidents, sources, books", "SQL, read-only: events, alerts, incidents, sources, books"},
}
