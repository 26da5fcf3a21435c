package agentcli

// platformCmds are commands of one system only.
type platformCmds struct{}
