package dashboards

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// everything is what Grafana calls the choice of all values; a panel's query
// wraps the condition in $__conditionalAll, which then falls away.
const everything = "$__all"

// choice is a variable filled by a query, with several values and All. current
// is the value that is chosen at first; "" is All.
func choice(name, label, current string) cog.Builder[dashboard.VariableModel] {
	text, value := current, current
	if current == "" {
		text, value = "All", everything
	}
	return picker{name: name, label: label, text: text, value: value}
}

// picker is a query variable; it is a builder so that a missing query is an
// error, not a panic.
type picker struct{ name, label, text, value string }

// Build implements cog.Builder.
func (p picker) Build() (dashboard.VariableModel, error) {
	text, err := statement("variables/" + p.name)
	if err != nil {
		return dashboard.VariableModel{}, cog.MakeBuildErrors(p.name, err)
	}
	return dashboard.NewQueryVariableBuilder(p.name).Label(p.label).Datasource(source()).
		Query(dashboard.StringOrMap{Map: map[string]any{
			"editorType": "sql", "queryType": "sql", "rawSql": text, "refId": fmt.Sprintf("variable-%s", p.name),
		}}).Definition(text).
		Multi(true).IncludeAll(true).AllowCustomValue(true).
		Refresh(dashboard.VariableRefreshOnTimeRangeChanged).Sort(dashboard.VariableSortDisabled).
		Current(dashboard.VariableOption{Selected: ptr(true), Text: many(p.text), Value: many(p.value)}).Build()
}

func many(v string) dashboard.StringOrArrayOfString {
	return dashboard.StringOrArrayOfString{ArrayOfString: []string{v}}
}

// typed is a text box.
func typed(name, label, initial string) cog.Builder[dashboard.VariableModel] {
	return dashboard.NewTextBoxVariableBuilder(name).Label(label).
		DefaultValue(dashboard.StringOrMap{String: &initial}).
		Current(dashboard.VariableOption{
			Text: dashboard.StringOrArrayOfString{String: &initial}, Value: dashboard.StringOrArrayOfString{String: &initial},
		})
}

// consoleName is the hidden variable with the address of yagura's own pages.
const consoleName = "console"

func consoleURL() cog.Builder[dashboard.VariableModel] {
	return dashboard.NewConstantVariableBuilder(consoleName).Label("console").
		Value(dashboard.StringOrMap{String: ptr("http://127.0.0.1:8080")})
}

func tenantChoice() cog.Builder[dashboard.VariableModel] {
	return choice("tenant", "団体 / tenant", "")
}

// alertAnnotation marks high and critical alerts on every chart.
func alertAnnotation() (cog.Builder[dashboard.AnnotationQuery], error) {
	text, err := statement("annotations/alerts")
	if err != nil {
		return nil, err
	}
	return dashboard.NewAnnotationQueryBuilder().Name("重大な警報 / high alerts").Datasource(source()).Enable(true).Hide(false).
		IconColor(red).Target(newQuery("annotation", formatTable, text)), nil
}
