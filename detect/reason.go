package detect

import (
	"fmt"
	"strings"
	"time"

	"yagura/detect/sigma"
	"yagura/internal/event"
)

// fieldJa are the words for fields in Japanese reasons.
var fieldJa = map[string]string{
	"source.ip": "送信元", "source.port": "送信元ポート", "destination.ip": "宛先", "destination.port": "宛先ポート",
	"destination.domain": "宛先ドメイン", "user.name": "利用者", "user.target.name": "対象の利用者", "host.name": "ホスト",
	"observer.name": "機器", "yagura.peer": "送信機器", "process.name": "プロセス", "url.domain": "接続先", "dns.question.name": "問い合わせ名",
	"source.user.name": "利用者", "network.direction": "方向", "device.serial_number": "機器番号",
}

// reasonOfRule is one sentence: what happened, to whom.
func reasonOfRule(h *heading, group []event.Pair, count int) (en, ja string) {
	en, ja = h.meta.Title, titleJa(h)
	if len(group) > 0 {
		en += ": " + groupText(group)
		ja += "：" + groupTextJa(group)
	}
	if count > 1 {
		en += fmt.Sprintf(" (%d times)", count)
		ja += fmt.Sprintf("（%d回）", count)
	}
	return en + ".", ja + "。"
}

// reasonOfCorrelation is one sentence: what, who, how many in what time.
func reasonOfCorrelation(c *correlation, group []event.Pair, events int, number float64, took time.Duration) (en, ja string) {
	en, ja = c.head.meta.Title, titleJa(c.head)
	if len(group) > 0 {
		en += ": " + groupText(group)
		ja += "：" + groupTextJa(group)
	}
	took = took.Round(time.Second)
	span := c.src.Timespan
	en += fmt.Sprintf(", %s within %s", count(events, "event", "events"), spanText(took))
	ja += fmt.Sprintf("、%sの間に%d件", spanTextJa(took), events)
	if limit := limitText(c.src.Bounds); limit != "" {
		en += fmt.Sprintf(" (%s %s, limit %s in %s)", measure(c, false), number2(number), limit, spanText(span))
		ja += fmt.Sprintf("（%s%s、しきい値は%sで%s）", measure(c, true), number2(number), spanTextJa(span), limit)
	}
	return en + ".", ja + "。"
}

func titleJa(h *heading) string {
	if h.meta.TitleJA != "" {
		return h.meta.TitleJA
	}
	return h.meta.Title
}

func groupText(group []event.Pair) string {
	parts := make([]string, len(group))
	for i, p := range group {
		parts[i] = p.Name + " " + p.Value
	}
	return strings.Join(parts, ", ")
}

func groupTextJa(group []event.Pair) string {
	parts := make([]string, len(group))
	for i, p := range group {
		name := fieldJa[p.Name]
		if name == "" {
			name = p.Name
		}
		parts[i] = name + " " + p.Value
	}
	return strings.Join(parts, "、")
}

// measure names what a correlation counts.
func measure(c *correlation, ja bool) string {
	field := strings.Join(c.src.Fields, "+")
	words := map[sigma.CorrelationType][2]string{
		sigma.EventCount: {"events", "件数"}, sigma.ValueCount: {"different " + field, field + "の種類"},
		sigma.Temporal: {"different rules", "該当規則数"}, sigma.TemporalOrdered: {"rules in order", "順に該当した規則数"},
		sigma.ValueSum: {"sum of " + field, field + "の合計"}, sigma.ValueAvg: {"mean of " + field, field + "の平均"},
		sigma.ValuePercentile: {"percentile of " + field, field + "のパーセンタイル"}, sigma.ValueMedian: {"median of " + field, field + "の中央値"},
	}[c.src.Type]
	if ja {
		return words[1]
	}
	return words[0]
}

func limitText(bounds []sigma.Bound) string {
	signs := map[sigma.Op]string{sigma.Eq: "=", sigma.Neq: "≠", sigma.Gt: ">", sigma.Gte: "≥", sigma.Lt: "<", sigma.Lte: "≤"}
	parts := make([]string, len(bounds))
	for i, b := range bounds {
		parts[i] = signs[b.Op] + " " + number2(b.Number)
	}
	return strings.Join(parts, ", ")
}

// number2 writes a number with at most two decimals.
func number2(f float64) string {
	s := fmt.Sprintf("%.2f", f)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// spanText writes a duration in its largest units: 5m, 1h30m, 45s, 2d.
func spanText(d time.Duration) string {
	return spanIn(d, [...]string{"d", "h", "m", "s"})
}

func spanTextJa(d time.Duration) string {
	return spanIn(d, [...]string{"日", "時間", "分", "秒"})
}

func spanIn(d time.Duration, unit [4]string) string {
	var b strings.Builder
	for i, size := range [...]time.Duration{24 * time.Hour, time.Hour, time.Minute, time.Second} {
		if n := d / size; n > 0 {
			fmt.Fprintf(&b, "%d%s", n, unit[i])
			d -= n * size
		}
	}
	if b.Len() == 0 {
		return "0" + unit[3]
	}
	return b.String()
}
