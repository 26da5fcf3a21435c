package cli

import "errors"

type dashboardsCmd struct {
	Out string `help:"Folder to write to." default:"grafana" placeholder:"DIR"`
}

// Run writes the dashboards.
func (c *dashboardsCmd) Run(r *run) error { return errors.New("not built in") }
