package agentcli

import (
	"fmt"
	"os"
	"path/filepath"

	"yagura/internal/agent"
)

// PlatformCmds are commands of one system only.
type PlatformCmds struct {
	Install   installCmd   `cmd:"" help:"Make the agent a service that starts with the system, and start it."`
	Uninstall uninstallCmd `cmd:"" help:"Stop the service and take it away; identity and spool stay."`
}

type installCmd struct{ file }

// Run installs the service with this program and this configuration.
func (c *installCmd) Run(x *Context) error {
	if _, err := c.load(); err != nil {
		return err
	}
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	args := []string{"agent"}
	if c.Config != "" {
		path, err := filepath.Abs(c.Config)
		if err != nil {
			return err
		}
		args = append(args, "-c", path)
	}
	if c.Folder != "" {
		args = append(args, "--folder", c.Folder)
	}
	if err := agent.InstallService(exe, args...); err != nil {
		return err
	}
	_, err = fmt.Fprintf(x.Out, "the service %s is installed and runs\n", agent.ServiceName)
	return err
}

type uninstallCmd struct{}

// Run removes the service.
func (uninstallCmd) Run(x *Context) error {
	if err := agent.RemoveService(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(x.Out, "the service %s is gone\n", agent.ServiceName)
	return err
}
