package run

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWhereAUnixSocketMayBe(t *testing.T) {
	dir := t.TempDir()
	file, sock := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "log")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: sock, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for path, c := range map[string]struct{ warning, fault string }{
		sock:                              {},
		filepath.Join(dir, "new"):         {},
		file:                              {fault: "no socket"},
		dir:                               {fault: "no socket"},
		filepath.Join(file, "log"):        {fault: "is no folder"},
		filepath.Join(dir, "none", "log"): {warning: "does not exist"},
	} {
		warning, fault := checkUnix(path)
		if !says(warning, c.warning) || !says(fault, c.fault) {
			t.Errorf("%s: warning %v, fault %v", path, warning, fault)
		}
	}
}

// says tells whether the error has the words; no words are no error.
func says(err error, words string) bool {
	if err == nil || words == "" {
		return err == nil && words == ""
	}
	return strings.Contains(err.Error(), words)
}
