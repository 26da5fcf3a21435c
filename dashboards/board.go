package dashboards

import (
	"encoding/json"
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// board is one dashboard.
type board struct {
	uid, title, about string
	variables         []cog.Builder[dashboard.VariableModel]
	sections          []section
}

// section is a titled group of panels.
type section struct {
	title  string
	panels []panel
}

// tag marks our boards, so that each links to all others.
const tag = "yagura"

// boards are all of them; the first is the home page.
func boards() []board {
	return []board{internetBoard(), outboundBoard(), accessBoard(), policyBoard(), pipelineBoard(), addressBoard(), hostBoard()}
}

// headingID is where the ids of section titles begin, beyond those of panels.
const headingID = 1000

func (b board) build() (dashboard.Dashboard, error) {
	alerts, err := alertAnnotation()
	if err != nil {
		return dashboard.Dashboard{}, err
	}
	d, err := dashboard.NewDashboardBuilder(b.title).Uid(b.uid).Description(b.about).Tags([]string{tag}).Readonly().
		Refresh("1m").Time("now-24h", "now").Timezone("Asia/Tokyo").WeekStart("monday").
		Timepicker(dashboard.NewTimePickerBuilder().RefreshIntervals([]string{"30s", "1m", "5m", "15m", "1h"})).
		Tooltip(dashboard.DashboardCursorSyncCrosshair).Variables(b.variables).Annotation(alerts).
		Link(dashboard.NewDashboardLinkBuilder("yagura").Type(dashboard.DashboardLinkTypeDashboards).Tags([]string{tag}).
			Icon("external link").AsDropdown(false).KeepTime(true).IncludeVars(false)).
		Link(dashboard.NewDashboardLinkBuilder("コンソール / console").Type(dashboard.DashboardLinkTypeLink).Url("${console}/").
			Icon("dashboard").Tooltip("インシデント対応と検索 / incidents and search").TargetBlank(true)).
		Build()
	if err != nil {
		return d, fmt.Errorf("board %s: %w", b.uid, err)
	}
	// The SDK's default hides both in a menu.
	for i := range d.Links {
		d.Links[i].Placement = nil
	}
	for i := range d.Annotations.List {
		d.Annotations.List[i].Placement = nil
	}
	d.Panels, err = b.panels()
	if err != nil {
		return d, fmt.Errorf("board %s: %w", b.uid, err)
	}
	return d, nil
}

func (b board) panels() ([]dashboard.PanelOrRowPanel, error) {
	var all []dashboard.PanelOrRowPanel
	var g grid
	for i, s := range b.sections {
		at := g.heading()
		title := s.title
		all = append(all, dashboard.PanelOrRowPanel{RowPanel: &dashboard.RowPanel{
			Type: "row", Title: &title, Id: uint32(headingID + i), GridPos: &at, Panels: []dashboard.Panel{},
		}})
		for _, p := range s.panels {
			built, err := p.build(g.place(p.w, p.h))
			if err != nil {
				return nil, err
			}
			all = append(all, dashboard.PanelOrRowPanel{Panel: &built})
		}
	}
	return all, nil
}

func (s Site) json(b board) ([]byte, error) {
	d, err := b.build()
	if err != nil {
		return nil, err
	}
	for i, v := range d.Templating.List {
		if v.Name == consoleName && s.Console != "" {
			d.Templating.List[i].Query = &dashboard.StringOrMap{String: &s.Console}
		}
	}
	out, err := json.MarshalIndent(d, "", "  ")
	return append(out, '\n'), err
}
