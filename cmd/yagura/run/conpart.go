package run

import "context"

// consolePart is the console with what it stands on.
type consolePart struct {
	socket, token string
}

func (m *Main) newConsole() error { return nil }

func (c *consolePart) Run(ctx context.Context) error { <-ctx.Done(); return nil }

func (c *consolePart) url() string { return "" }
