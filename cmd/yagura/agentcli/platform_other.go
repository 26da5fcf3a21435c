//go:build !windows

package agentcli

// PlatformCmds are commands of one system only.
type PlatformCmds struct{}
