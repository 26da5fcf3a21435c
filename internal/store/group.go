package store

import (
	"fmt"
	"math"
	"time"

	"yagura/internal/event"
)

// Bounds of one group. ClickHouse commits an insert above 1 048 449 rows in
// several parts, which is no longer all or nothing. Good inserts are far smaller:
// 10,000 to 100,000 rows.
const (
	MaxRows  = 900_000
	MaxBytes = 192 << 20 // of the blocks before packing
)

// Block is a block as the bus delivered it, with detect's answer.
type Block struct {
	Seq     uint64         // sequence in the bus's stream
	Block   *event.Block   // never nil
	Verdict *event.Verdict // nil: the store went on without it, and says so in the rows
}

// Group is what one insert takes: consecutive blocks in the order of the bus.
// Write its borders down before the first Insert and insert the same blocks
// again after a restart.
type Group struct {
	FirstSeq, LastSeq uint64 // borders, both inside; sequences between may be missing
	Blocks            []Block
}

// Rows is the number of events of the group.
func (g Group) Rows() (n int) {
	for _, b := range g.Blocks {
		n += b.Block.Len()
	}
	return n
}

func (g Group) check() error {
	last, size := uint64(0), 0
	for _, b := range g.Blocks {
		switch {
		case b.Block == nil:
			return fmt.Errorf("group %d-%d: block %d is missing its content", g.FirstSeq, g.LastSeq, b.Seq)
		case b.Seq < g.FirstSeq || b.Seq > g.LastSeq || b.Seq <= last:
			return fmt.Errorf("group %d-%d: block %d is outside or out of order", g.FirstSeq, g.LastSeq, b.Seq)
		}
		last, size = b.Seq, size+b.Block.Size()
	}
	if size > MaxBytes {
		return fmt.Errorf("group %d-%d: %d bytes; at most %d", g.FirstSeq, g.LastSeq, size, MaxBytes)
	}
	if n := g.Rows(); n > MaxRows {
		return fmt.Errorf("group %d-%d: %d rows; at most %d", g.FirstSeq, g.LastSeq, n, MaxRows)
	}
	return nil
}

// Day is the partition of a block: days since 1970, UTC, from when it was
// sealed. Cut groups where it changes; a group of several days costs one insert
// for each.
func Day(b *event.Block) int { return int(blockTime(b) / 86400) }

// blockTime is the column block_time: seconds, clamped to what DateTime holds.
func blockTime(b *event.Block) uint32 {
	return uint32(min(max(b.Created.Unix(), 0), math.MaxUint32))
}

// byDay cuts the blocks into runs of one day each, keeping their order within a
// day.
func byDay(blocks []Block) [][]Block {
	var days [][]Block
	at := map[int]int{}
	for _, b := range blocks {
		day := Day(b.Block)
		i, ok := at[day]
		if !ok {
			i = len(days)
			at[day] = i
			days = append(days, nil)
		}
		days[i] = append(days[i], b)
	}
	return days
}

func dayText(b *event.Block) string {
	return time.Unix(int64(blockTime(b)), 0).UTC().Format("2006-01-02")
}
