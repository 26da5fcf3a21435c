package agentcli

import (
	"fmt"
	"log/slog"
	"regexp"

	"yagura/cmd/yagura/config"
	"yagura/internal/agent"
)

// inputsOf makes the inputs of a configuration.
func inputsOf(cfg config.AgentFile, log *slog.Logger) (all []agent.Input, err error) {
	if len(cfg.Inputs) == 0 {
		return nil, fmt.Errorf("no inputs are configured; write some into agent.yaml (%s): inputs: [{files: [\"/var/log/*.log\"]}, {journald: {}}]", installed())
	}
	for i, in := range cfg.Inputs {
		one, err := inputOf(in, log)
		if err != nil {
			return nil, fmt.Errorf("inputs[%d]: %w", i, err)
		}
		all = append(all, one)
	}
	return all, nil
}

func inputOf(in config.AgentInput, log *slog.Logger) (agent.Input, error) {
	beginning := in.Start == "beginning"
	switch in.Kind {
	case "journald":
		return agent.NewJournal(agent.JournalConfig{Units: in.Journald.Units, Path: in.Journald.Path, Beginning: beginning}, log), nil
	case "winlog":
		return agent.NewWinlog(agent.WinlogConfig{Channels: in.Winlog.Channels, Beginning: beginning}, log)
	}
	c := agent.FilesConfig{
		Patterns: in.Files, Exclude: in.Exclude, Encoding: in.Encoding, Beginning: beginning,
		Indented: in.Multiline.Indented, MaxLines: in.Multiline.Max, Partial: in.Partial,
	}
	if in.Multiline.Start != "" {
		start, err := regexp.Compile(in.Multiline.Start)
		if err != nil {
			return nil, err
		}
		c.Start = start
	}
	return agent.NewFiles(c, log)
}
