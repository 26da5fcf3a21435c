package cli

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// instanceAt serves the API at a data folder's socket; it returns the folder.
func instanceAt(t *testing.T, h http.Handler) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "yg") // short: it holds a unix socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	l, err := net.Listen("unix", filepath.Join(dir, "console.sock"))
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: h}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
	contact := fmt.Sprintf(`{"socket":%q,"token":"t","pid":1}`, l.Addr())
	if err := os.WriteFile(filepath.Join(dir, "contact.json"), []byte(contact), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestActsOnIncidents(t *testing.T) {
	var asked string
	data := instanceAt(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		asked = r.URL.Path + " " + string(body)
		switch {
		case strings.Contains(asked, "endless"):
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			_, _ = io.WriteString(w, `{"error":"too large"}`)
		case strings.Contains(asked, "Suzuki"):
			_, _ = io.WriteString(w, `{"incident.id":"I-1","incident.status":"open","incident.assignee":"Suzuki Hanako"}`)
		default:
			_, _ = io.WriteString(w, `{"incident.id":"I-1","incident.status":"acknowledged"}`)
		}
	}))
	for _, c := range []struct {
		args  []string
		code  int
		asked string
		says  string
	}{
		{[]string{"assign", "I-1", "Suzuki", "Hanako", "--who", "Sato"}, 0, `/api/v1/incidents/I-1/assign {"text":"Suzuki Hanako","who":"Sato"}`, "I-1 is assigned to Suzuki Hanako\n"},
		{[]string{"assign", "I-1", "", "--who", "Sato"}, 0, `/api/v1/incidents/I-1/assign {"text":"","who":"Sato"}`, "I-1 is assigned to nobody\n"},
		{[]string{"assign", "I-1"}, 2, "", "expected"},
		{[]string{"ack", "I-1", "on", "it", "--who", "Sato"}, 0, `/api/v1/incidents/I-1/ack {"text":"on it","who":"Sato"}`, "I-1 is acknowledged\n"},
		{[]string{"ack", "", "on it"}, 2, "", "the incident id is empty; `yagura incidents` lists them"},
		{[]string{"show", ""}, 2, "", "the incident id is empty"},
		{[]string{"note", "I-1", "endless", "--who", "Sato"}, 2, `/api/v1/incidents/I-1/note {"text":"endless","who":"Sato"}`, "too large"},
	} {
		asked = ""
		code, _, errs := command(t, "", append(append([]string{"incidents"}, c.args...), "--data", data)...)
		if code != c.code || asked != c.asked || !strings.Contains(errs, c.says) {
			t.Errorf("%q: %d, asked %q, said %q; want %d, %q, %q", c.args, code, asked, errs, c.code, c.asked, c.says)
		}
	}
}
