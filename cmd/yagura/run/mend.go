package run

import (
	"context"
	"time"
)

// mendEvery is how often the embedded bus is looked at.
const mendEvery = time.Second

// mendBus brings the embedded bus back after its volume was full, and tells what it
// has lost, if anything.
func (m *Main) mendBus(ctx context.Context) error {
	untold := false
	for range ticks(ctx, mendEvery) {
		again, err := m.bus.Mend(ctx)
		if untold = untold || again; err == nil && untold {
			err = m.tellLostSoon(ctx)
			untold = err != nil
		}
		if err != nil && ctx.Err() == nil {
			m.log.Error("bus: mending failed; trying again", "err", err)
		}
	}
	return nil
}

// tellLostSoon gives up after a while: the bus may be stuck again, and who waits for
// it to take the alert cannot mend it.
func (m *Main) tellLostSoon(ctx context.Context) error {
	once, cancel := context.WithTimeout(ctx, saveTime)
	defer cancel()
	return m.tellLost(once)
}
