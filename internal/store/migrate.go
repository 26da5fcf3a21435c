package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"yagura/internal/store/schema"
)

// Migrate brings the tables to this program's schema: it runs the statements that
// schema_migrations does not list, one by one, and then sets the search index.
// Killed anywhere it goes on at the next start. A database that is newer than
// this program is left as it is: newer schemas only add.
func Migrate(ctx context.Context, conn driver.Conn, cfg Config) error {
	list, err := schema.Statements(cfg.Cluster)
	if err != nil {
		return err
	}
	ctx = withSettings(ctx, clickhouse.Settings{"async_insert": 0})
	if err := conn.Exec(ctx, list[0].SQL); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	done, err := applied(ctx, conn)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	for _, s := range list[1:] {
		if slices.Contains(done, s.Number) {
			continue
		}
		if err := apply(ctx, conn, s); err != nil {
			return fmt.Errorf("migrate %04d_%s: %w", s.Number, s.Name, err)
		}
	}
	return setIndex(ctx, conn, cfg)
}

func applied(ctx context.Context, conn driver.Conn) (numbers []uint32, err error) {
	rows, err := conn.Query(ctx, statement("migrations"))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var n uint32
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		numbers = append(numbers, n)
	}
	return numbers, rows.Err()
}

func apply(ctx context.Context, conn driver.Conn, s schema.Statement) error {
	if err := conn.Exec(ctx, s.SQL); err != nil {
		return err
	}
	note := withParameters(ctx, clickhouse.Parameters{"number": fmt.Sprint(s.Number), "name": s.Name})
	return conn.Exec(note, statement("note_migration"))
}

// setIndex changes the search index only when it is not the wanted one. Old parts
// keep theirs until they merge.
func setIndex(ctx context.Context, conn driver.Conn, cfg Config) error {
	want := cfg.index()
	sql, err := schema.Index(want, cfg.Cluster)
	if err != nil {
		return fmt.Errorf("migrate: store.index: %w", err)
	}
	have, err := indexKind(ctx, conn)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if have == want {
		return nil
	}
	if err := conn.Exec(ctx, sql); err != nil {
		return fmt.Errorf("set search index %s: %w", want, err)
	}
	return nil
}

func indexKind(ctx context.Context, conn driver.Conn) (string, error) {
	var names []string
	err := conn.QueryRow(ctx, statement("indexes")).Scan(&names)
	switch {
	case err != nil:
		return "", err
	case slices.Contains(names, "ix_raw_text"):
		return IndexText, nil
	case slices.Contains(names, "ix_raw_bloom"):
		return IndexBloom, nil
	}
	return IndexNone, nil
}
