package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/logs"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// kind is a panel type with our defaults: the SDK's own hide legends and times.
type kind int

const (
	number kind = iota // one row of numbers, now
	trend              // numbers by time: their sum, with a sparkline
	pace               // rates by time: their mean, with a sparkline
	bars               // counts by time, stacked
	lines              // rates and sizes by time
	rows               // a table
	raw                // log lines
)

func (k kind) format() int {
	switch k {
	case number, rows:
		return formatTable
	case raw:
		return formatLogs
	}
	return formatSeries
}

func (k kind) defaults() (dashboard.Panel, error) {
	switch k {
	case number:
		return statDefaults(common.BigValueGraphModeNone, "lastNotNull").Build()
	case trend:
		return statDefaults(common.BigValueGraphModeArea, "sum").Build()
	case pace:
		return statDefaults(common.BigValueGraphModeArea, "mean").Build()
	case bars:
		return seriesDefaults("sum").DrawStyle(common.GraphDrawStyleBars).FillOpacity(80).LineWidth(0).
			Stacking(common.NewStackingConfigBuilder().Mode(common.StackingModeNormal)).Build()
	case lines:
		return seriesDefaults("mean", "max").DrawStyle(common.GraphDrawStyleLine).FillOpacity(10).LineWidth(2).
			ShowPoints(common.VisibilityModeAuto).Build()
	case raw:
		return logsDefaults().Build()
	}
	return tableDefaults().Build()
}

func statDefaults(graph common.BigValueGraphMode, calc string) *stat.PanelBuilder {
	return stat.NewPanelBuilder().GraphMode(graph).ColorMode(common.BigValueColorModeBackgroundSolid).
		TextMode(common.BigValueTextModeAuto).JustifyMode(common.BigValueJustifyModeCenter).
		ReduceOptions(common.NewReduceDataOptionsBuilder().Calcs([]string{calc}))
}

func seriesDefaults(legend ...string) *timeseries.PanelBuilder {
	return timeseries.NewPanelBuilder().
		Legend(common.NewVizLegendOptionsBuilder().ShowLegend(true).DisplayMode(common.LegendDisplayModeList).
			Placement(common.LegendPlacementBottom).Calcs(legend)).
		Tooltip(common.NewVizTooltipOptionsBuilder().Mode(common.TooltipDisplayModeMulti).Sort(common.SortOrderDescending)).
		AxisSoftMin(0).AxisBorderShow(false)
}

// tableDefaults sets the footer, which the SDK otherwise writes so that it cannot
// read it back.
func tableDefaults() *table.PanelBuilder {
	return table.NewPanelBuilder().ShowHeader(true).CellHeight(common.TableCellHeightSm).Filterable(true).Inspect(false).
		Footer(common.NewTableFooterOptionsBuilder().Show(false).Reducer([]string{"sum"}).CountRows(false))
}

func logsDefaults() *logs.PanelBuilder {
	return logs.NewPanelBuilder().ShowTime(true).WrapLogMessage(true).EnableLogDetails(true).PrettifyLogMessage(false).
		SortOrder(common.LogsSortOrderDescending).DedupStrategy(common.LogsDedupStrategyNone)
}
