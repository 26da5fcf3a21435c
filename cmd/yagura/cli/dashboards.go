package cli

import (
	"fmt"

	"yagura/dashboards"
)

type dashboardsCmd struct {
	Out string `help:"Folder to write to." default:"grafana" placeholder:"DIR"`
}

// Run writes the dashboards and the provisioning files.
func (c *dashboardsCmd) Run(r *run) error {
	if err := dashboards.Write(c.Out); err != nil {
		return err
	}
	fmt.Fprintf(r.Err, "wrote dashboards/ and provisioning/ below %s\n", c.Out)
	return nil
}
