package run

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"yagura/cmd/yagura/config"
)

// Everybody of alert.to is told at once: only an on-call list knows an order.
func TestAllOfAlertToAreToldTogether(t *testing.T) {
	cfg := config.Default()
	cfg.Alert.To = []string{"a@example.jp", "b@example.jp", "c@example.jp"}
	ac, err := alertConfig(cfg)
	if err != nil {
		t.Fatal(err)
	}
	var orders []int
	for _, p := range ac.OnCall.People {
		orders = append(orders, p.Order)
	}
	if d := cmp.Diff([]int{1, 1, 1}, orders); d != "" {
		t.Error(d)
	}
}

func TestTheConsolesURLInMails(t *testing.T) {
	for name, c := range map[string]struct {
		console config.Console
		want    string
	}{
		"plain":           {config.Console{Address: "127.0.0.1:8080"}, "http://127.0.0.1:8080"},
		"TLS":             {config.Console{Address: "192.0.2.5:8443", Cert: "a.pem", Key: "a.key"}, "https://192.0.2.5:8443"},
		"behind a proxy":  {config.Console{Address: "127.0.0.1:8080", URL: "https://log01.example.jp/"}, "https://log01.example.jp/"},
		"every interface": {config.Console{Address: "0.0.0.0:8443", Cert: "a.pem", Key: "a.key", URL: "https://log01.example.jp:8443"}, "https://log01.example.jp:8443"},
	} {
		cfg := config.Default()
		cfg.Console = c.console
		ac, err := alertConfig(cfg)
		if err != nil || ac.ConsoleURL != c.want {
			t.Errorf("%s: %q, %v; want %q", name, ac.ConsoleURL, err, c.want)
		}
	}
}
