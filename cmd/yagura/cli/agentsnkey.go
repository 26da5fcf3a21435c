package cli

import (
	"fmt"

	"yagura/ingest/agent"
	"yagura/internal/bus"
)

type agentsNkey struct {
	instance
	Name    string `arg:"" help:"What the sender is called: it may publish to yagura.in.NAME."`
	Key     string `arg:"" help:"The public nkey of a user (U…); its seed stays with the sender."`
	Source  string `help:"The source that its events are booked under; the name when left out." placeholder:"NAME"`
	Expires string `help:"How long it is good, such as 90d or 12h; for ever when left out." placeholder:"AGE"`
}

// Run adds the key: there is no secret to print.
func (c *agentsNkey) Run(r *run) error {
	if err := bus.CheckNkey(c.Key); err != nil {
		return invalid{err}
	}
	ends, err := expiry(c.Expires)
	if err != nil {
		return err
	}
	registry, err := c.registry()
	if err != nil {
		return err
	}
	if err := registry.PutNkey(agent.Entry{Name: c.Name, Source: c.Source, Expires: ends}, c.Key); err != nil {
		return registryFault(err)
	}
	_, err = fmt.Fprintf(r.Out, "%s%s\n", bus.DoorSubject, c.Name)
	return err
}
