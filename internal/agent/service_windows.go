package agent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/windows/svc"
	"golang.org/x/sys/windows/svc/mgr"
)

// ServiceName is the agent's name among the system's services.
const ServiceName = "yagura-agent"

// InstallService registers the program as a service that starts with the system, and
// again after a fault, and starts it.
func InstallService(exe string, args ...string) error {
	m, err := mgr.Connect()
	if err != nil {
		return fmt.Errorf("reach the service manager: %w; run this as an administrator", err)
	}
	defer func() { _ = m.Disconnect() }()
	s, err := m.CreateService(ServiceName, exe, mgr.Config{
		DisplayName: "yagura agent", Description: "Brings event logs and log files to yagura.",
		StartType: mgr.StartAutomatic, DelayedAutoStart: true,
	}, args...)
	if err != nil {
		return fmt.Errorf("register the service %s: %w", ServiceName, err)
	}
	defer func() { _ = s.Close() }()
	again := mgr.RecoveryAction{Type: mgr.ServiceRestart, Delay: 5 * time.Second}
	if err := s.SetRecoveryActions([]mgr.RecoveryAction{again, again, again}, 24*60*60); err != nil {
		return fmt.Errorf("set what happens after a fault: %w", err)
	}
	return s.Start()
}

// stopTime bounds the wait for the service to stop.
const stopTime = 30 * time.Second

// RemoveService stops the service and takes it off the list. The agent's folder
// stays.
func RemoveService() error {
	m, err := mgr.Connect()
	if err != nil {
		return fmt.Errorf("reach the service manager: %w; run this as an administrator", err)
	}
	defer func() { _ = m.Disconnect() }()
	s, err := m.OpenService(ServiceName)
	if err != nil {
		return fmt.Errorf("find the service %s: %w", ServiceName, err)
	}
	defer func() { _ = s.Close() }()
	if _, err := s.Control(svc.Stop); err == nil {
		for end := time.Now().Add(stopTime); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
			if now, err := s.Query(); err != nil || now.State == svc.Stopped {
				break
			}
		}
	}
	return s.Delete()
}

// RunService runs work as the service when the service manager has started this
// process; was is false, and nothing is run, when a person has.
func RunService(work func(context.Context) error) (was bool, err error) {
	if was, err = svc.IsWindowsService(); err != nil || !was {
		return was, err
	}
	h := &serviceHandler{work: work}
	return true, errors.Join(svc.Run(ServiceName, h), h.err)
}

type serviceHandler struct {
	work func(context.Context) error
	err  error
}

// Execute implements svc.Handler.
func (h *serviceHandler) Execute(_ []string, asked <-chan svc.ChangeRequest, say chan<- svc.Status) (bool, uint32) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	done := make(chan error, 1)
	go func() { done <- h.work(ctx) }()
	running := svc.Status{State: svc.Running, Accepts: svc.AcceptStop | svc.AcceptShutdown}
	say <- running
	for {
		select {
		case h.err = <-done:
			if h.err != nil {
				return true, 1 // the service manager starts it again
			}
			return false, 0
		case c := <-asked:
			switch c.Cmd {
			case svc.Interrogate:
				say <- running
			case svc.Stop, svc.Shutdown:
				running = svc.Status{State: svc.StopPending, WaitHint: uint32(stopTime / time.Millisecond)}
				say <- running
				stop()
			}
		}
	}
}
