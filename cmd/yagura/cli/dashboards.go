package cli

import (
	"fmt"
	"strings"

	"yagura/dashboards"
)

type dashboardsCmd struct {
	Out     string `help:"Folder to write to." default:"grafana" placeholder:"DIR"`
	Console string `help:"URL of yagura's console as browsers reach it, for links." placeholder:"URL"`
}

// Run writes the dashboards and the provisioning files.
func (c *dashboardsCmd) Run(r *run) error {
	site := dashboards.Site{Console: strings.TrimRight(c.Console, "/")}
	if err := site.Write(c.Out); err != nil {
		return err
	}
	fmt.Fprintf(r.Err, "wrote dashboards/ and provisioning/ below %s\n", c.Out)
	return nil
}
