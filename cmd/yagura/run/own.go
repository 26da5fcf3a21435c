package run

import (
	"context"
	"fmt"
	"time"

	"yagura/internal/bus"
	"yagura/internal/event"
)

// Ids of the rules of our own alerts: yagura's own faults, told like any other
// alert, by mail too.
const (
	RuleBusLost   = "yagura_bus_lost"    // lines that the bus has lost
	RuleDead      = "yagura_dead_letter" // a message that no stage could read
	RuleUnmatched = "yagura_unmatched"   // a block that the rules could not be run over
	RuleFault     = "yagura_fault"       // something that health calls critical, for long
)

// ownRule is what the alerts of one kind have in common.
type ownRule struct {
	id, name, nameJa     string
	level                event.Level
	runbook, runbookJa   string
	quiet                time.Duration // in which the same group raises no new mail
	reasonEn, reasonJaFm string        // with the same verbs
}

var (
	busLost = ownRule{
		id: RuleBusLost, name: "The bus has lost accepted lines", nameJa: "受信済みのログがバスから失われました", level: event.Critical,
		reasonEn: "Blocks %d to %d were acknowledged and are no longer on the bus of %s.", reasonJaFm: "ブロック %d から %d は受信確認済みですが、%s のバスで失われています。",
		runbook:   "Check the disk (dmesg, smartctl). Compare the books for the minutes before the last stop. Restore the bus folder from a newer copy if there is one.",
		runbookJa: "ディスクを点検してください (dmesg, smartctl)。前回停止直前の帳簿を確認し、新しい写しがあればバスのフォルダを復元してください。",
	}
	deadLetter = ownRule{
		id: RuleDead, name: "A message on the bus cannot be read", nameJa: "バス上に読めないメッセージがあります", level: event.High, quiet: time.Hour,
		reasonEn: "Message %d of %s cannot be read and was set aside: %s.", reasonJaFm: "メッセージ %d (%s) を読み取れないため、別に保管しました: %s",
		runbook:   "Its bytes are kept in the stream YAGURA_DEAD, older ones in bus/dead of the data folder. Check the disk (dmesg, smartctl), and whether another version of yagura writes to the same bus; then report it.",
		runbookJa: "内容はストリーム YAGURA_DEAD に、古いものはデータフォルダの bus/dead に保管されています。ディスク (dmesg, smartctl) と、別の版の yagura が同じバスに書き込んでいないかを確認し、開発元へ報告してください。",
	}
	unmatched = ownRule{
		id: RuleUnmatched, name: "The rules could not be run over a block", nameJa: "検知ルールを適用できないログのまとまりがあります", level: event.High, quiet: time.Hour,
		reasonEn: "Matching block %d (%s, %d lines) failed; its lines are stored without a verdict.", reasonJaFm: "ブロック %d (%s、%d 行) の照合に失敗しました。行は判定なしで保存されています。",
		runbook:   "The lines can be found with `yagura query` by the block's time and looked at by hand; the log has the fault. Report it: it is a defect.",
		runbookJa: "該当する行は `yagura query` でそのブロックの時刻から検索し、目視で確認してください。原因はログにあります。不具合なので開発元へ報告してください。",
	}
	ownFault = ownRule{
		id: RuleFault, name: "yagura itself has a fault", nameJa: "yagura 自身に障害があります", level: event.High, quiet: 6 * time.Hour,
		reasonEn: "%s: %s, for more than %v.", reasonJaFm: "%s: %s (%v 以上続いています)",
		runbook:   "`yagura doctor` says what is wrong and how to mend it.",
		runbookJa: "`yagura doctor` を実行すると、異常の内容と直し方が表示されます。",
	}
)

// about names what an alert of our own is about.
type about struct {
	group []event.Pair
	first string // what makes it another one: the same says the same again
	at    time.Time
	words []any // of the reason
	count int
}

// alert makes the alert: nothing in it is random.
func (r ownRule) alert(tenant string, a about) event.Alert {
	return event.Alert{
		ID: event.AlertID(r.id, a.group, a.first), Tenant: tenant, Time: a.at, First: a.at,
		RuleID: r.id, RuleName: r.name, RuleJa: r.nameJa, Level: r.level,
		Class: event.ClassPolicyViolation, Policy: []string{"3-2"}, Group: a.group, Count: max(a.count, 1),
		Reason: fmt.Sprintf(r.reasonEn, a.words...), ReasonJa: fmt.Sprintf(r.reasonJaFm, a.words...),
		RunbookEn: r.runbook, RunbookJa: r.runbookJa, Suppress: int(r.quiet.Seconds()),
	}
}

// tellLost raises an alert for each range that the bus has lost.
func (m *Main) tellLost(ctx context.Context) error {
	for _, l := range m.bus.Lost() {
		m.log.Error("the bus has lost accepted blocks", "stream", l.Stream, "from", l.From, "to", l.To)
		a := busLost.alert(m.cfg.Tenant, about{
			group: []event.Pair{{Name: "range", Value: fmt.Sprintf("%d-%d", l.From, l.To)}, {Name: "observer.name", Value: m.cfg.Node}},
			first: fmt.Sprintf("%s/%s/%d-%d", l.Origin, l.Stream, l.From, l.To), at: m.started,
			words: []any{l.From, l.To, m.cfg.Node}, count: int(l.To - l.From + 1),
		})
		if err := m.bus.PublishAlert(ctx, a); err != nil {
			return err
		}
	}
	return m.bus.LostTold(ctx)
}

// tellDead raises an alert for each dead letter.
func (m *Main) tellDead(ctx context.Context) error {
	r, err := m.bus.DeadFrom(ctx, "tell", 0)
	if err != nil {
		return endsWith(ctx, err)
	}
	defer r.Close()
	return eachSaved(ctx, r, m.log, func(d *bus.Delivery[bus.DeadLetter]) {
		l := d.Value
		a := deadLetter.alert(m.cfg.Tenant, about{
			group: []event.Pair{{Name: "stream", Value: l.Stream}}, // the same whichever node tells it
			first: fmt.Sprintf("%s/%s/%d", m.bus.Origin(), l.Stream, l.Seq), at: l.At, words: []any{l.Seq, l.Stream, l.Reason},
		})
		if err := m.bus.PublishAlert(ctx, a); err != nil {
			d.Failed(err)
			return
		}
		d.Commit()
	})
}
