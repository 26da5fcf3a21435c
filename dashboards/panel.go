package dashboards

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// panel is one row of a board's table.
type panel struct {
	id    uint32 // never reused: links and screenshots name it
	kind  kind
	title string // Japanese / English
	about string // what it means; what to do
	sql   string // a file under sql/, without its suffix
	w, h  uint32 // columns of 24, rows of 30 px

	unit    string   // Grafana's unit id
	columns []string // result columns, in order; series and logs: without the time
	limits  []limit  // colours from a value on; none: neutral
	link    string   // where a click on a stat or chart leads; "" nowhere
	series  string   // the text column that names the series, where there is one
}

// limit is a threshold: the colour from a value on.
type limit struct {
	from  float64
	color string
}

// raised is the usual set of limits: fine below warn, bad from bad on.
func raised(warn, bad float64) []limit {
	return []limit{{0, green}, {warn, yellow}, {bad, red}}
}

// anyIsBad colours everything above zero.
func anyIsBad() []limit { return []limit{{0, green}, {1, red}} }

// build makes the SDK's panel: the kind's defaults, then what the table says.
func (p panel) build(at dashboard.GridPos) (dashboard.Panel, error) {
	text, err := statement(p.sql)
	if err != nil {
		return dashboard.Panel{}, err
	}
	out, err := p.kind.defaults()
	if err != nil {
		return out, fmt.Errorf("panel %s: %w", p.sql, err)
	}
	out.Id, out.Title, out.Description, out.GridPos = &p.id, &p.title, &p.about, &at
	out.Datasource = ptr(source())
	out.Targets = []variants.Dataquery{newQuery("A", p.kind.format(), text)}
	if p.kind.format() == formatSeries {
		out.Interval = ptr("1m") // the rollups' grain
	}
	p.fields(&out)
	return out, nil
}

func (p panel) fields(out *dashboard.Panel) {
	if out.FieldConfig == nil {
		out.FieldConfig = dashboard.NewFieldConfigSource()
	}
	d := &out.FieldConfig.Defaults
	d.NoValue = ptr("データなし / no data")
	if p.unit != "" {
		d.Unit = &p.unit
	}
	if p.series != "" {
		d.DisplayName = ptr("${__field.labels." + p.series + "}")
	}
	if p.kind == number || p.kind == trend || p.kind == pace {
		d.Thresholds = thresholds(p.limits)
		d.Color = &dashboard.FieldColor{Mode: dashboard.FieldColorModeIdThresholds}
	}
	if p.link != "" {
		d.Links = []dashboard.DashboardLink{goTo("開く / open", p.link)}
	}
	for _, name := range p.columns {
		out.FieldConfig.Overrides = append(out.FieldConfig.Overrides, columnOverride(name, p.kind))
	}
}

// thresholds turns limits into Grafana's form; none are one neutral colour, since
// Grafana's own default turns red at 80.
func thresholds(limits []limit) *dashboard.ThresholdsConfig {
	if len(limits) == 0 {
		limits = []limit{{0, blue}}
	}
	t := &dashboard.ThresholdsConfig{Mode: dashboard.ThresholdsModeAbsolute}
	for i, l := range limits {
		step := dashboard.Threshold{Color: l.color}
		if i > 0 {
			step.Value = ptr(l.from)
		}
		t.Steps = append(t.Steps, step)
	}
	return t
}
