package store

import (
	"context"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// Range is a run of sequences of the bus, both ends inside.
type Range struct{ First, Last uint64 }

// Watermark returns the highest sequence up to which everything is stored (or
// noted as lost with Skip), counted from the first that ever was; 0 when nothing
// is. The bus may forget up to it.
func (w *Writer) Watermark(ctx context.Context) (uint64, error) {
	ctx = withParameters(ctx, clickhouse.Parameters{"stream": w.cfg.stream()})
	var rows, lowest, highest uint64
	err := w.conn.QueryRow(ctx, statement("span")).Scan(&rows, &lowest, &highest)
	if err != nil {
		return 0, fmt.Errorf("watermark: %w", err)
	}
	if rows == 0 || rows == highest-lowest+1 {
		return highest, nil
	}
	gaps, err := w.gaps(ctx, lowest, highest, 1)
	if err != nil {
		return 0, fmt.Errorf("watermark: %w", err)
	}
	if len(gaps) == 0 {
		return highest, nil
	}
	return gaps[0].First - 1, nil
}

// maxGaps bounds what Missing lists.
const maxGaps = 1000

// Missing returns the runs of sequences between from and to (both inside) that
// have no row, lowest first, at most 1000 of them.
func (w *Writer) Missing(ctx context.Context, from, to uint64) ([]Range, error) {
	from = max(from, 1)
	if from > to {
		return nil, nil
	}
	gaps, err := w.gaps(ctx, from, to, maxGaps)
	if err != nil {
		return nil, fmt.Errorf("missing sequences %d-%d: %w", from, to, err)
	}
	return gaps, nil
}

func (w *Writer) gaps(ctx context.Context, from, to uint64, most int) ([]Range, error) {
	ctx = withParameters(ctx, clickhouse.Parameters{"stream": w.cfg.stream(),
		"from": number64(from), "to": number64(to), "most": number64(uint64(most))})
	rows, err := w.conn.Query(ctx, statement("gaps"))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Range
	for rows.Next() {
		var r Range
		if err := rows.Scan(&r.First, &r.Last); err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, rows.Err()
}
