package run

import (
	"fmt"
	"math"

	"yagura/internal/console"
)

// Free space of the data folder's volume, in percent, below which health speaks.
const (
	freeLow    = 25
	freeShort  = 10
	freeDanger = 5
)

// disk looks at the room on the data folder's volume.
func (h *checkup) disk() {
	free, total, err := volume(h.main.cfg.Data)
	if err != nil {
		h.add(console.Warning, "disk", "the free space cannot be read: "+err.Error(), "")
		return
	}
	percent := math.Floor(100 * float64(free) / float64(max(total, 1)))
	what := fmt.Sprintf("%.0f%% of the data folder's volume are free (%d MiB)", percent, free>>20)
	switch {
	case percent < freeDanger:
		h.add(console.Critical, "disk", what, "make room now: at the reserve senders are held back")
	case percent < freeShort:
		h.add(console.Warning, "disk", what, "make room, or move the data folder; delete old days only after a backup")
	case percent < freeLow:
		h.add(console.Warning, "disk", what, "plan for more room")
	}
}

// clock tells when nobody keeps this host's clock right: times of events without
// one of their own, and of alerts, would be off.
func (h *checkup) clock() {
	if known, synced := clockSynced(); known && !synced {
		h.add(console.Warning, "clock", "the kernel says that the clock is not synchronised", "run chrony, systemd-timesyncd or ntpd on this host (or on the host of this container)")
	}
}
