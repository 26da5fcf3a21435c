//go:build !windows

package agent

import "errors"

var errWindowsOnly = errors.New("event log channels are there on Windows only")

func canSubscribe() error { return errWindowsOnly }

func subscribe(string, string, bool) (channelReader, error) { return nil, errWindowsOnly }
