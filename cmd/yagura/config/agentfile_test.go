package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func agentFileOf(t *testing.T, text string) (AgentFile, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "agent.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := LoadAgent(path)
	if err != nil {
		return f, err
	}
	return f, nil
}

func TestAgentFile(t *testing.T) {
	f, err := agentFileOf(t, `servers: [https://log01:8443]
folder: here
inputs:
  - files: ["/var/log/*.log"]
    exclude: ["debug*"]
    multiline: {start: '^\d{4}-', max: 9}
    start: beginning
  - journald:
  - winlog: {channels: [Security]}
spool: {max: 64MiB}
`)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, in := range f.Inputs {
		kinds = append(kinds, in.Kind+" "+in.Start)
	}
	if d := cmp.Diff([]string{"files beginning", "journald end", "winlog end"}, kinds); d != "" {
		t.Error(d)
	}
	if f.Spool.Max != 64<<20 || !filepath.IsAbs(f.Folder) || f.Inputs[0].Multiline.Max != 9 {
		t.Errorf("%+v", f)
	}
}

func TestAgentFileFaults(t *testing.T) {
	_, err := agentFileOf(t, `servers: [http://log01, log01]
inputs:
  - files: []
  - files: [relative/*.log, "/a[b"]
    encoding: latin-9
    multiline: {start: "(", indented: true}
  - {journald: {}, winlog: {channels: [x]}}
  - {journald: {}, encoding: auto}
  - start: middle
spool: {max: 1MiB}
limits: {memry: 1}
`)
	if err == nil {
		t.Fatal("no fault")
	}
	var got []string
	for _, line := range strings.Split(err.Error(), "\n") {
		_, line, _ = strings.Cut(line, "agent.yaml:")
		words := strings.SplitN(line, ": ", 3)
		got = append(got, words[0]+" "+words[1])
	}
	want := []string{
		"1:11 servers[0]", "1:25 servers[1]", "3:5 inputs[0].files", "4:5 inputs[1].files", "4:13 inputs[1].files[0]",
		"5:5 inputs[1].encoding", "6:5 inputs[1].multiline", "6:17 inputs[1].multiline.start", "7:5 inputs[2]", "8:5 inputs[3]", "9:10 inputs[4]",
		"10:9 spool.max", "11:10 limits.memry",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s\n%v", d, err)
	}
}

func TestABackslashInDoubleQuotesSaysHowToWriteIt(t *testing.T) {
	_, err := agentFileOf(t, "inputs:\n  - files: [\"C:\\logs\\*.log\"]\n")
	if err == nil || !strings.Contains(err.Error(), `want single quotes around what holds a backslash: 'C:\logs\*.log'`) {
		t.Error(err)
	}
}

func TestTheAgentsOwnFilesLoad(t *testing.T) {
	for _, name := range []string{"agent.yaml", "agent-windows.yaml"} {
		f, err := LoadAgent(filepath.Join("../../../deploy/agent", name))
		if name == "agent-windows.yaml" && err == nil && len(f.Inputs) == 0 || err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
