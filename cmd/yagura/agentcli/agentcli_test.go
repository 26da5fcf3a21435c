package agentcli

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCheckRefusesWhatRunWould(t *testing.T) {
	path := filepath.Join(t.TempDir(), "agent.yaml")
	if err := os.WriteFile(path, []byte("inputs: []\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := checkCmd{file{Config: path, Folder: t.TempDir()}}
	var bad Invalid
	if err := c.Run(&Context{Ctx: t.Context(), Out: &bytes.Buffer{}}); !errors.As(err, &bad) || !strings.Contains(err.Error(), "no inputs are configured") {
		t.Error(err)
	}
}
