package run

import "yagura/internal/console"

// parsers says which parsers by configuration are left out, and why.
func (h *checkup) parsers() {
	for _, err := range h.main.cfg.Custom.Faults {
		h.add(console.Warning, "parsers", "a parser does not load: "+err.Error(), "mend its file and start anew; the others are at work. `yagura check` shows all")
	}
}
