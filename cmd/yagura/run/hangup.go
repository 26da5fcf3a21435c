package run

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// hangUps reads the listeners' certificates again at SIGHUP, at once; without it a
// changed file is noticed within seconds. The end of a terminal does not end yagura.
func (m *Main) hangUps(ctx context.Context) error {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP)
	defer signal.Stop(signals)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-signals:
			m.log.Info("hang-up: reading certificates again")
			for _, l := range m.listeners {
				l.Renew()
			}
			if m.agents != nil {
				m.agents.Renew()
			}
			m.renewAgentPorts()
		}
	}
}
