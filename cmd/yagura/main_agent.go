//go:build agent || windows

// Command yagura, built with the tag agent or for Windows, is the host agent alone:
// `yagura agent`. Nothing of the server is linked.
package main

import (
	"os"

	"yagura/cmd/yagura/agentcli"
)

func main() {
	os.Exit(agentcli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
