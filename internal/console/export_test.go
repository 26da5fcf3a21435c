package console

import (
	"encoding/csv"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestExport(t *testing.T) {
	e := newEnv(t)
	e.search.answers[""] = rowsOf(named("@timestamp DateTime64(6, 'UTC')", "message String", "n Int64"),
		[]any{"2026-11-24T00:00:00.5Z", `=HYPERLINK("http://evil")`, int64(-5)},
		[]any{"2026-11-24T00:00:00Z", "+1", int64(1)}, []any{"", "a\u202eb,\"c\"\n日本", int64(2)}, []any{"", "＝1", int64(3)})
	w := e.do("GET", "/search.csv?q=a", "")
	body := w.Body.String()
	if w.Code != 200 || !strings.HasPrefix(body, "\ufeff") || !strings.HasPrefix(w.Header().Get("Content-Disposition"), `attachment; filename="yagura-2`) {
		t.Fatalf("got %d %v %q", w.Code, w.Header(), body)
	}
	got, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(body, "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"'@timestamp", "message", "n"},
		{"2026-11-24 00:00:00.500000", `'=HYPERLINK("http://evil")`, "-5"},
		{"2026-11-24 00:00:00.000000", "'+1", "1"},
		{"", "a[U+202E]b,\"c\"\n日本", "2"},
		{"", "'＝1", "3"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if len(e.acts) != 1 || e.acts[0].What != "export" || e.search.asked[0].Limit != mostRows {
		t.Errorf("audit %+v, asked %+v", e.acts, e.search.asked)
	}
}

func TestBrokenExportDoesNotLookWhole(t *testing.T) {
	e := newEnv(t)
	e.search.answers[""] = func(Question) (Rows, error) {
		return &fakeRows{columns: named("a String"), rows: [][]any{{"x"}}, broken: errors.New("engine died")}, nil
	}
	server := httptest.NewServer(e.handler)
	defer server.Close()
	req, err := http.NewRequestWithContext(t.Context(), "GET", server.URL+"/search.csv?q=a", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+testToken)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return // cut before the header
	}
	defer res.Body.Close()
	if _, err := csv.NewReader(res.Body).ReadAll(); err == nil {
		t.Error("a broken result reads as a whole one")
	}
}
