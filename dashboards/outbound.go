package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// outboundBoard looks for data and commands that leave: exfiltration, beacons,
// unusual destinations (policy 3-1, 6-3-2).
func outboundBoard() board {
	return board{
		uid: "yagura-outbound", title: "異常な外部通信 / Abnormal outbound traffic",
		about:     "内部から外部への通信を、量・宛先・規則性から見る。Traffic from inside to outside by volume, destination and regularity.",
		variables: []cog.Builder[dashboard.VariableModel]{tenantChoice(), choice("zone", "系 / zone", "internet"), consoleURL()},
		sections: []section{
			{"概要 / Summary", outboundSummary()},
			{"量と宛先 / Volume and destinations", outboundVolume()},
			{"めずらしい通信 / Unusual traffic", outboundUnusual()},
			{"記録 / Records", outboundRecords()},
		},
	}
}

func outboundSummary() []panel {
	return []panel{
		{id: 1, kind: trend, title: "警報 / Alerts", w: 4, h: 4, sql: "outbound/alert_count", unit: "short",
			columns: []string{"alerts"}, limits: anyIsBad(),
			about: "異常な外部通信の警報数。下の警報表から調べ始める。Alerts of this class; begin with the table of alerts below."},
		{id: 2, kind: trend, title: "送信量 / Bytes out", w: 5, h: 4, sql: "outbound/bytes_total", unit: "bytes",
			columns: []string{"bytes_out"},
			about:   "期間内に外へ送った量の合計(機器がバイト数を記録する通信のみ)。Sum over the range, of traffic whose device logs bytes."},
		{id: 3, kind: trend, title: "外向き通信 / Connections", w: 5, h: 4, sql: "outbound/connections", unit: "short",
			columns: []string{"connections"},
			about:   "外向き通信の記録件数。0ならファイアウォールやプロキシのログが届いていない。Zero means that no firewall or proxy logs arrive."},
		{id: 4, kind: trend, title: "外へ拒否 / Denied outbound", w: 5, h: 4, sql: "outbound/blocked", unit: "short",
			columns: []string{"denied_out"}, limits: raised(1, 1000),
			about: "外への通信が拒否された件数。特定の端末に集中すれば感染や設定誤り。Concentrated on one client: infection or misconfiguration."},
		{id: 5, kind: number, title: "宛先と端末の数 / Destinations and clients", w: 5, h: 4, sql: "outbound/partners", unit: "short",
			columns: []string{"destinations", "clients"},
			about:   "外部の宛先と、外へ通信した端末の数(概数、最大7日)。Approximate; raw events, 7 days at most."},
	}
}

func outboundVolume() []panel {
	return []panel{
		{id: 10, kind: lines, title: "送受信量 / Bytes out and in", w: 12, h: 8, sql: "shared/bytes", unit: "bytes",
			columns: []string{"bytes_out", "bytes_in"},
			about:   "送信が受信を上回る、または夜間に送信がある時間帯を範囲選択して下の表を見る。Select a time where out exceeds in, or where night is busy, then read the tables."},
		{id: 11, kind: bars, title: "許可と拒否 / Allowed and denied", w: 12, h: 8, sql: "outbound/verdicts", unit: "short",
			columns: []string{"allowed", "denied_out"},
			about:   "外向き通信の許可と拒否。拒否の増加は感染端末や新しい遮断設定。A rise of denials: an infected client, or a new filter."},
		{id: 12, kind: rows, title: "端末別(最大7日) / By client", w: 12, h: 9, sql: "outbound/top_clients", unit: "short",
			columns: []string{"source_address", "bytes_out", "bytes_in", "events", "destinations", "denied_out", "last"},
			about:   "送信量の多い順。送信が受信より多い端末、拒否の多い端末から調べる。Begin with clients that send more than they receive or are denied often."},
		{id: 13, kind: rows, title: "宛先別(最大7日) / By destination", w: 12, h: 9, sql: "outbound/top_destinations", unit: "short",
			columns: []string{"destination", "port", "application", "country", "bytes_out", "events", "clients"},
			about:   "送信量の多い宛先。端末数が1で量が多い宛先は持ち出しの疑い。Much data from a single client to one place: suspect exfiltration."},
	}
}

func outboundUnusual() []panel {
	return []panel{
		{id: 20, kind: rows, title: "初めての宛先(過去7日になし) / New destinations", w: 12, h: 9, sql: "outbound/new_destinations", unit: "short",
			columns: []string{"destination", "first", "events", "by", "bytes_out"},
			about:   "期間の前の7日間に現れなかった宛先。業務で説明できないものを調べる。Not seen in the seven days before the range. Check what work does not explain."},
		{id: 21, kind: rows, title: "一定間隔の通信 / Regular calls (beacons)", w: 12, h: 9, sql: "outbound/regular", unit: "short",
			columns: []string{"source_address", "destination", "port", "calls", "every", "spread"},
			about:   "20回以上、ほぼ同じ間隔の通信。更新確認などの正規の通信もあるが、知らない宛先ならC2を疑う。Even gaps: updates do so too, but an unknown destination may be command and control."},
		{id: 22, kind: rows, title: "国別(日本以外) / By country", w: 8, h: 9, sql: "outbound/countries", unit: "short",
			columns: []string{"country", "events", "clients", "bytes_out"},
			about:   "機器が国名を記録した通信のみ。業務に関係のない国があれば調べる。Only where the device logs a country. Check those that have nothing to do with your work."},
		{id: 23, kind: rows, title: "Webのドメイン / Web domains", w: 8, h: 9, sql: "outbound/domains", unit: "short",
			columns: []string{"domain", "events", "clients", "uploads", "denied_out", "last"},
			about:   "プロキシのログから。送信要求(POST/PUT)の多い見知らぬドメインに注意。From proxy logs. Beware of unknown domains with many uploads."},
		{id: 24, kind: rows, title: "長いDNS名 / Long DNS names", w: 8, h: 9, sql: "outbound/dns", unit: "short",
			columns: []string{"domain", "events", "clients", "longest", "last"},
			about:   "長く無意味な名前が続けばDNSトンネルの疑い。DNSのログがなければ空。Long meaningless names hint at a DNS tunnel. Empty without DNS logs."},
	}
}

func outboundRecords() []panel {
	return []panel{
		{id: 30, kind: rows, title: "警報 / Alerts of this class", w: 24, h: 9, sql: "outbound/alerts", unit: "short",
			columns: []string{"time", "level", "rule", "reason", "source_address", "destination", "user", "host"},
			about:   "異常な外部通信の警報(最新100件)。アドレスを押すと全記録。The newest 100. Click an address for all we know."},
		{id: 31, kind: raw, title: "外向き通信の原文(最新200行) / Raw lines", w: 24, h: 12, sql: "outbound/lines",
			about: "選んだ系の外向き通信の原文。時間を絞ってから読む。Narrow the range first."},
	}
}
