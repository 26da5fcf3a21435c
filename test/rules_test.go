package test

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"yagura/deploy/demo"
	"yagura/detect"
	"yagura/ingest/enrich"
	"yagura/ingest/parse"
	"yagura/internal/event"
	"yagura/rules"
)

// body reads lines as an installation does whose zones are rules.TestZones.
type body struct {
	program *detect.Program
	zone    *time.Location
	parser  *parse.Parser
	zones   *enrich.Enricher
}

func newBody(t *testing.T) *body {
	t.Helper()
	var cfg enrich.Config
	for id, network := range rules.TestZones() {
		cfg.Zones = append(cfg.Zones, enrich.Zone{ID: id, Networks: []netip.Prefix{network}})
	}
	zones, err := enrich.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	program, report := detect.Load(detect.LoadConfig{Mapping: rules.Mapping()}, detect.Source{Name: "rules", FS: rules.Files()})
	for _, err := range append(report.Errors, report.Warnings...) {
		t.Error(err)
	}
	return &body{program, time.FixedZone("JST", 9*60*60), parse.New(), zones}
}

// read does what ingest does to a line.
func (b *body) read(line string, received time.Time) (*event.Draft, error) {
	d := &event.Draft{}
	d.Reset([]byte(line))
	d.Received = received
	b.parser.Parse(d, &parse.Settings{Location: b.zone})
	b.zones.Enrich(d)
	return d, nil
}

// play returns the alerts that lines raise, each line at its time.
func (b *body) play(t *testing.T, lines []demo.Line) []event.Alert {
	t.Helper()
	return b.playBlocks(t, lines, 1)
}

// playBlocks is play with several lines in each block.
func (b *body) playBlocks(t *testing.T, lines []demo.Line, size int) []event.Alert {
	t.Helper()
	engine := detect.NewEngine(b.program, detect.EngineConfig{Location: b.zone})
	var all []event.Alert
	var build event.Builder
	seq := uint64(0)
	for part := range slices.Chunk(lines, size) {
		build.Reset()
		for _, l := range part {
			d, err := b.read(l.Text, l.Time)
			if err != nil {
				t.Fatal(err)
			}
			build.Append(d)
		}
		seq++
		block, err := build.Block(event.ID{Tenant: "test", Node: "test", Epoch: 1, Seq: seq}, part[0].Time)
		if err != nil {
			t.Fatal(err)
		}
		_, alerts := engine.Block(block, seq)
		all = append(all, alerts...)
	}
	return all
}

func TestRulesPassTheirOwnTests(t *testing.T) {
	b := newBody(t)
	for _, r := range b.program.Test(b.read, b.zone) {
		if !r.Passed {
			t.Error(r.Error())
		}
	}
}

// classes are the folders of rules; the policy asks for ten in each.
var classes = []string{event.ClassUnauthorizedAccess, event.ClassAbnormalOutbound, event.ClassPolicyViolation}

func TestRulesSayWhatAPersonNeeds(t *testing.T) {
	count := map[string]int{}
	for _, r := range newBody(t).program.Rules() {
		if !r.Alerts {
			continue
		}
		count[r.Class]++
		complain := func(missing bool, what string) {
			if missing {
				t.Errorf("%s:%d: rule %s: %s", r.File, r.Line, r.ID, what)
			}
		}
		complain(!slices.Contains(classes, r.Class), "is in no class")
		complain(r.TitleJa == "", "no title_ja")
		complain(r.Description == "", "no description")
		complain(r.Author == "", "no author")
		complain(len(r.Policy) == 0, "no policy clauses")
		complain(r.RunbookJa == "" || r.RunbookEn == "", "no runbook in both languages")
		complain(len(r.FalsePositives) == 0, "no falsepositives")
		complain(r.Tests < 2, "fewer than two tests")
		complain(!r.CanFire, "cannot fire: "+r.Why)
	}
	for _, c := range classes {
		if count[c] < 10 {
			t.Errorf("%d rules of the class %s; want 10 at least", count[c], c)
		}
	}
}

// maxAlerts is how many alerts one story may raise: the lone administrator reads each.
const maxAlerts = 4

func TestStoriesRaiseTheirAlerts(t *testing.T) {
	stories, err := demo.Stories()
	if err != nil {
		t.Fatal(err)
	}
	b := newBody(t)
	end := time.Date(2026, 11, 24, 14, 0, 0, 0, b.zone)
	for _, s := range stories {
		t.Run(s.Name, func(t *testing.T) {
			var ids []string
			for _, a := range b.play(t, s.Lines(end)) {
				ids = append(ids, a.RuleID)
				t.Log(a.RuleID, a.Group, a.Reason)
			}
			for _, id := range s.Rules {
				if !slices.Contains(ids, id) {
					t.Errorf("no alert of %s; got %v", id, ids)
				}
			}
			if limit := min(len(s.Rules), 1) * maxAlerts; len(ids) > limit {
				t.Errorf("%d alerts, want at most %d: %v", len(ids), limit, ids)
			}
		})
	}
}
