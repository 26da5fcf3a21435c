package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"yagura/internal/store/native"
)

// sendColumns inserts the rows that the columns hold; none is nothing to do.
func (w *Writer) sendColumns(ctx context.Context, table string, columns []native.Named, token string) error {
	if len(columns) == 0 || columns[0].Column.Rows() == 0 {
		return nil
	}
	ctx = withSettings(ctx, w.settings(token))
	if !w.http {
		return w.sendBatch(ctx, table, columns)
	}
	body := native.NewBody(columns)
	defer body.End()
	return w.conn.InsertFormat(ctx, "Native", insertStatement(table, columns), body)
}

func (w *Writer) settings(token string) clickhouse.Settings {
	return clickhouse.Settings{
		"async_insert":               0,
		"insert_deduplicate":         1,
		"insert_deduplication_token": token,
		"deduplicate_blocks_in_dependent_materialized_views": 1,
	}
}

// sendBatch is the way of the native protocol.
func (w *Writer) sendBatch(ctx context.Context, table string, columns []native.Named) error {
	types := make([]clickhouse.ColumnNameAndType, 0, len(columns))
	for _, c := range columns {
		types = append(types, clickhouse.ColumnNameAndType{Name: c.Name, Type: c.Type})
	}
	ctx = clickhouse.Context(ctx, clickhouse.WithColumnNamesAndTypes(types))
	batch, err := w.conn.PrepareBatch(ctx, insertStatement(table, columns))
	if err != nil {
		return err
	}
	for i, c := range columns {
		if err := batch.Column(i).Append(driverValues(c)); err != nil {
			return configError{errors.Join(fmt.Errorf("column %s: %w", c.Name, err), batch.Abort())}
		}
	}
	return batch.Send()
}

// driverValues turns a column into the slice type that the driver takes.
func driverValues(c native.Named) any {
	switch v := c.Column.Values().(type) {
	case []uint8:
		if c.Type == "Bool" {
			list := make([]bool, len(v))
			for i := range v {
				list[i] = v[i] != 0
			}
			return list
		}
		return v
	case []uint16:
		if c.Type == "Date" {
			list := make([]time.Time, len(v))
			for i := range v {
				list[i] = time.Unix(int64(v[i])*86400, 0).UTC()
			}
			return list
		}
		return v
	case []uint32:
		if strings.HasPrefix(c.Type, "DateTime") {
			list := make([]time.Time, len(v))
			for i := range v {
				list[i] = time.Unix(int64(v[i]), 0).UTC()
			}
			return list
		}
		return v
	case []int64:
		unit := time.Microsecond
		if strings.Contains(c.Type, "DateTime64(9") {
			unit = time.Nanosecond
		}
		list := make([]time.Time, len(v))
		for i := range v {
			list[i] = time.Unix(0, 0).Add(time.Duration(v[i]) * unit).UTC()
		}
		return list
	default:
		return v
	}
}

func insertStatement(table string, columns []native.Named) string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	return "INSERT INTO " + table + " (" + strings.Join(names, ", ") + ")"
}
