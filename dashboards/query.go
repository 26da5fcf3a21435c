package dashboards

import (
	"reflect"

	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/common"
)

// Identity of the data source: provisioned, so that boards can name it.
const (
	sourceType = "grafana-clickhouse-datasource"
	sourceUID  = "yagura"
)

// Values of query.Format, as the plugin's backend reads them.
const (
	formatSeries = 0
	formatTable  = 1
	formatLogs   = 2
)

// query is a target of the plugin grafana-clickhouse-datasource 4.x. It is its
// own builder.
type query struct {
	Datasource common.DataSourceRef `json:"datasource"`
	EditorType string               `json:"editorType"`
	Format     int                  `json:"format"`
	QueryType  string               `json:"queryType"`
	RawSQL     string               `json:"rawSql"`
	RefID      string               `json:"refId"`
}

func newQuery(refID string, format int, sql string) query {
	kind := map[int]string{formatSeries: "timeseries", formatTable: "table", formatLogs: "logs"}[format]
	return query{Datasource: source(), EditorType: "sql", Format: format, QueryType: kind, RawSQL: sql, RefID: refID}
}

func source() common.DataSourceRef {
	return common.DataSourceRef{Type: ptr(sourceType), Uid: ptr(sourceUID)}
}

// Build implements cog.Builder.
func (q query) Build() (variants.Dataquery, error) { return q, nil }

// ImplementsDataqueryVariant implements variants.Dataquery.
func (query) ImplementsDataqueryVariant() {}

// DataqueryType implements variants.Dataquery.
func (query) DataqueryType() string { return sourceType }

// Validate implements variants.Dataquery.
func (query) Validate() error { return nil }

// Equals implements variants.Dataquery.
func (q query) Equals(other variants.Dataquery) bool { return reflect.DeepEqual(q, other) }

func ptr[T any](v T) *T { return &v }
