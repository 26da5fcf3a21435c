//go:build !windows

package agent

import (
	"context"
	"errors"
)

// ServiceName is the agent's name among the system's services.
const ServiceName = "yagura-agent"

var errNoServices = errors.New("services of this kind are there on Windows only; elsewhere install.sh sets up a unit of systemd")

// InstallService is for Windows.
func InstallService(string, ...string) error { return errNoServices }

// RemoveService is for Windows.
func RemoveService() error { return errNoServices }

// RunService is for Windows: elsewhere a process is never a service of this kind.
func RunService(func(context.Context) error) (was bool, err error) { return false, nil }
