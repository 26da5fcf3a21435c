//go:build !agent && !windows

// Command yagura is the watchtower: it receives logs, matches rules, stores
// events and tells people. See `yagura -h`.
package main

import (
	"os"
	_ "time/tzdata" // minimal hosts lack zone files

	"yagura/cmd/yagura/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}
