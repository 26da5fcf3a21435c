package run

import (
	"context"
	"time"

	"yagura/internal/bus"
)

// catchUp bounds how long a stop waits for the stages to finish what is on the
// bus. What they do not finish is safe there.
const catchUp = 10 * time.Second

// drain stops the parts in the order of the data.
func (m *Main) drain() {
	m.parts.stopNamed("listener ")
	m.parts.stopNamed("packer")
	m.waitForStages()
	for _, name := range []string{"detect", "tell ", "alert feed", "alert", "store", "record ", "console", "engine", "trim", "mend"} {
		m.parts.stopNamed(name)
	}
}

// waitForStages waits until detect and store have seen the last block, or one of
// the parts is at fault.
func (m *Main) waitForStages() {
	if m.parts.fault.Err() != nil {
		return
	}
	ctx, cancel := context.WithTimeout(m.parts.fault, catchUp)
	defer cancel()
	last, err := m.bus.Last(ctx, bus.Events)
	if err != nil {
		m.log.Warn("stop: the bus does not say how far it is", "err", err)
		return
	}
	for ctx.Err() == nil {
		if (m.detect == nil || m.detect.done.get() >= last) && (m.store == nil || m.store.done.get() >= last) {
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(20 * time.Millisecond):
		}
	}
	m.log.Info("stop: some blocks stay on the bus for the next start")
}
