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
	tick := time.NewTicker(mendEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		again, err := m.bus.Mend(ctx)
		if err == nil && again {
			err = m.tellLost(ctx)
		}
		if err != nil && ctx.Err() == nil {
			m.log.Error("bus: mending failed; trying again", "err", err)
		}
	}
}
