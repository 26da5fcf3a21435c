// Package native builds ClickHouse's Native format for one insert, column by
// column, with reused memory: numbers, text, addresses, dictionaries
// (LowCardinality), arrays and the map of remaining fields.
//
// Every column pads itself: a row that was never set holds the column's empty
// value, so that rows pay only for the columns they fill. The caller sets values
// in ascending row order and pads all columns to the number of rows at the end.
//
// Wire forms: ClickHouse's documentation, "Native format"; the serialization of
// LowCardinality is the one that clients send (one dictionary a block).
//
// Nothing here is safe for concurrent use.
package native
