package dashboards

import (
	"encoding/json"
	"errors"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

func built(t *testing.T) []dashboard.Dashboard {
	t.Helper()
	var all []dashboard.Dashboard
	for _, b := range boards() {
		d, err := b.build()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, d)
	}
	return all
}

func panelsOf(d dashboard.Dashboard) []dashboard.Panel {
	var all []dashboard.Panel
	for _, p := range d.Panels {
		if p.Panel != nil {
			all = append(all, *p.Panel)
		}
	}
	return all
}

func TestBoardsAreWhole(t *testing.T) {
	uids, titles := map[string]bool{}, map[string]bool{}
	for _, d := range built(t) {
		uid := *d.Uid
		if uids[uid] || titles[*d.Title] || len(uid) > 40 || uid == "" {
			t.Errorf("%s: uid or title is used twice, empty or longer than 40", uid)
		}
		uids[uid], titles[*d.Title] = true, true
		if !strings.Contains(*d.Title, " / ") || d.Description == nil || *d.Description == "" {
			t.Errorf("%s: want a title in Japanese / English and a description", uid)
		}
		if *d.Editable || *d.Timezone != "Asia/Tokyo" || *d.Refresh != "1m" {
			t.Errorf("%s: editable, time zone or refresh", uid)
		}
		if n := len(panelsOf(d)); n > 20 {
			t.Errorf("%s has %d panels; 20 is what a page can carry", uid, n)
		}
	}
}

func TestPanelsAreWhole(t *testing.T) {
	for _, d := range built(t) {
		ids := map[uint32]bool{}
		for _, p := range d.Panels {
			id := func() uint32 {
				if p.RowPanel != nil {
					return p.RowPanel.Id
				}
				return *p.Panel.Id
			}()
			if ids[id] || id == 0 {
				t.Errorf("%s: panel id %d is used twice or zero", *d.Uid, id)
			}
			ids[id] = true
		}
		for _, p := range panelsOf(d) {
			where := *d.Uid + ": " + *p.Title
			if !strings.Contains(*p.Title, " / ") || len([]rune(*p.Description)) < 20 {
				t.Errorf("%s: want a title in both languages, and a description that says what to do", where)
			}
			if unit := p.FieldConfig.Defaults.Unit; p.Type != "logs" && (unit == nil || *unit == "") {
				t.Errorf("%s: no unit", where)
			}
			if *p.Datasource.Uid != sourceUID || len(p.Targets) != 1 {
				t.Errorf("%s: data source or targets", where)
			}
			if p.Type == "stat" && (p.FieldConfig.Defaults.Thresholds == nil || p.FieldConfig.Defaults.Thresholds.Steps[0].Value != nil) {
				t.Errorf("%s: no thresholds, or the first step is not the base", where)
			}
		}
	}
}

func TestPanelsLieOnTheGrid(t *testing.T) {
	for _, d := range built(t) {
		taken := map[[2]uint32]string{}
		for _, p := range d.Panels {
			at, title := dashboard.GridPos{}, ""
			if p.RowPanel != nil {
				at, title = *p.RowPanel.GridPos, *p.RowPanel.Title
			} else {
				at, title = *p.Panel.GridPos, *p.Panel.Title
			}
			if at.X+at.W > gridWidth || at.W == 0 || at.H == 0 {
				t.Errorf("%s: %s hangs over the edge: %+v", *d.Uid, title, at)
			}
			for x := at.X; x < at.X+at.W; x++ {
				for y := at.Y; y < at.Y+at.H; y++ {
					if other := taken[[2]uint32{x, y}]; other != "" {
						t.Fatalf("%s: %s lies on %s", *d.Uid, title, other)
					}
					taken[[2]uint32{x, y}] = title
				}
			}
		}
	}
}

// TestNoLineOfTheGridIsRagged finds panels side by side that do not fill the width.
func TestNoLineOfTheGridIsRagged(t *testing.T) {
	for _, b := range boards() {
		for _, s := range b.sections {
			var width uint32
			for _, p := range s.panels {
				width += p.w
			}
			if width%gridWidth != 0 {
				t.Errorf("%s: section %s is %d columns wide in all", b.uid, s.title, width)
			}
		}
	}
}

func TestVariablesFollowTheTime(t *testing.T) {
	for _, d := range built(t) {
		for _, v := range d.Templating.List {
			if v.Type == dashboard.VariableTypeQuery && (v.Refresh == nil || *v.Refresh != dashboard.VariableRefreshOnTimeRangeChanged) {
				t.Errorf("%s: variable %s does not refresh on a change of time", *d.Uid, v.Name)
			}
			if v.Label == nil || *v.Label == "" {
				t.Errorf("%s: variable %s has no label", *d.Uid, v.Name)
			}
		}
	}
}

// forbidden is what breaks the plugin's ad-hoc filters or reads without bound.
var forbidden = map[string]*regexp.Regexp{
	"a semicolon":          regexp.MustCompile(`;`),
	"a CTE":                regexp.MustCompile(`(?i)(^|\()\s*WITH\b`),
	"SETTINGS":             regexp.MustCompile(`(?i)\bSETTINGS\b`),
	"SELECT *":             regexp.MustCompile(`(?i)SELECT\s+\*`),
	"an unquoted variable": regexp.MustCompile(`\$\{\w+\}`),
	"a rewriting macro":    regexp.MustCompile(`\$__(columns|rateColumns|perSecondColumns|increaseColumns|lttb)`),
}

// current are queries about this moment; they look at no range.
var current = map[string]string{
	"internet/open": "what is open now", "internet/unacknowledged": "what is open now", "policy/late": "what is open now",
	"shared/silent": "sources now", "pipeline/sources": "sources now", "pipeline/storage": "disk now",
	"shared/heartbeat": "seconds until now", "alerting/silent": "seconds until now",
}

func TestQueriesAreSafeAndBounded(t *testing.T) {
	for name, text := range allStatements(t) {
		for what, re := range forbidden {
			if re.MatchString(text) {
				t.Errorf("%s holds %s", name, what)
			}
		}
		if bounded := regexp.MustCompile(`\$__(timeFilter|fromTime)`).MatchString(text); !bounded && current[name] == "" {
			t.Errorf("%s has no time range", name)
		}
		if strings.Contains(text, "FROM events ") && !strings.Contains(text, "INTERVAL 7 DAY") {
			t.Errorf("%s reads raw events of more than 7 days", name)
		}
		if strings.Contains(text, "AS time") && strings.Contains(text, "GROUP BY time") && !strings.Contains(text, "ORDER BY time") {
			t.Errorf("%s is a time series without order", name)
		}
	}
}

func allStatements(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := fs.WalkDir(statements, "sql", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name := strings.TrimSuffix(strings.TrimPrefix(path, "sql/"), ".sql")
		text, err := statement(name)
		all[name] = text
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestEveryQueryIsUsedAndEveryColumnKnown(t *testing.T) {
	used := map[string]bool{"alerting/silent": true, "annotations/alerts": true}
	shown := map[string]bool{}
	for _, b := range boards() {
		for _, s := range b.sections {
			for _, p := range s.panels {
				used[p.sql] = true
				for _, c := range p.columns {
					shown[c] = true
					if known[c].name == "" {
						t.Errorf("%s: column %s is not in the dictionary", p.sql, c)
					}
				}
			}
		}
	}
	for _, d := range built(t) {
		for _, v := range d.Templating.List {
			used["variables/"+v.Name] = true
		}
	}
	for name := range allStatements(t) {
		if !used[name] {
			t.Errorf("sql/%s.sql is used by nothing", name)
		}
	}
	for c := range known {
		if !shown[c] {
			t.Errorf("column %s of the dictionary is shown nowhere", c)
		}
	}
}

// TestVariablesAndLinksResolve also checks links, which name boards and variables.
func TestVariablesAndLinksResolve(t *testing.T) {
	names := map[string][]string{}
	for _, d := range built(t) {
		for _, v := range d.Templating.List {
			names[*d.Uid] = append(names[*d.Uid], v.Name)
		}
	}
	variable := regexp.MustCompile(`\$\{(\w+)(?::\w+)?\}`)
	link := regexp.MustCompile(`"/d/([\w-]+)\??([^"]*)"`)
	for _, b := range boards() {
		text, err := Site{}.json(b)
		if err != nil {
			t.Fatal(err)
		}
		plain := strings.ReplaceAll(string(text), `\u0026`, "&")
		for _, m := range variable.FindAllStringSubmatch(plain, -1) {
			if !strings.HasPrefix(m[1], "__") && !slices.Contains(names[b.uid], m[1]) {
				t.Errorf("%s: ${%s} is no variable of this board", b.uid, m[1])
			}
		}
		for _, m := range link.FindAllStringSubmatch(plain, -1) {
			if names[m[1]] == nil {
				t.Errorf("%s: link to %s, which is no board", b.uid, m[1])
			}
			for _, v := range regexp.MustCompile(`var-(\w+)=`).FindAllStringSubmatch(m[2], -1) {
				if !slices.Contains(names[m[1]], v[1]) {
					t.Errorf("%s: link to %s sets %s, which it does not have", b.uid, m[1], v[1])
				}
			}
		}
	}
}

// TestTheSDKReadsItsOwnOutput reads the JSON back and writes it again.
func TestTheSDKReadsItsOwnOutput(t *testing.T) {
	plugins.RegisterDefaultPlugins()
	decode := func(raw []byte) (variants.Dataquery, error) {
		var q query
		err := json.Unmarshal(raw, &q)
		return q, err
	}
	cog.NewRuntime().RegisterDataqueryVariant(variants.DataqueryConfig{
		Identifier: sourceType, DataqueryUnmarshaler: decode, StrictDataqueryUnmarshaler: decode,
	})
	for _, b := range boards() {
		text, err := Site{}.json(b)
		if err != nil {
			t.Fatal(err)
		}
		var d dashboard.Dashboard
		if err := json.Unmarshal(text, &d); err != nil {
			t.Errorf("%s: %v", b.uid, err)
			continue
		}
		again, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		var want, got any
		if err := errors.Join(json.Unmarshal(text, &want), json.Unmarshal(again, &got)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %.1500s", b.uid, diff)
		}
	}
}
