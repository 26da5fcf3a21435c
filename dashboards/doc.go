// Package dashboards makes the Grafana dashboards and provisioning files from Go
// and SQL: the last box of the picture, which reads what the store holds.
//
// A board is a table of panels (internet.go, outbound.go, access.go, policy.go,
// pipeline.go, address.go, host.go). A panel names its query, a file under sql/,
// and its result columns; what a column is called, its unit, colour and link
// stand once, in columns.go. The output is Grafana's classic dashboard JSON (v1),
// which file provisioning reads in versions 10 to 13.
//
// Guarantees: the same sources give the same bytes; ids and uids never change, so
// that links survive. Bounds: a table shows 100 rows at most, a log panel 200
// lines; tables over raw events look back 7 days at most from the end of the
// chosen range, everything else reads the rollups by minute.
package dashboards
