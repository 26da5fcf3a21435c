package agentcli

import (
	"errors"
	"log/slog"

	"yagura/cmd/yagura/config"
	"yagura/internal/agent"
)

// newWinlog makes the input of the Windows event log.
func newWinlog(config.AgentWinlog, bool, *slog.Logger) (agent.Input, error) {
	return nil, errors.New("winlog: this build does not read the Windows event log")
}
