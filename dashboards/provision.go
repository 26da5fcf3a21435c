package dashboards

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"
)

// provisioning holds Grafana's provisioning files. They follow the file format,
// not the HTTP API's types of the SDK.
//
//go:embed provisioning
var provisioning embed.FS

// silenceQuery is where the alert rule's file takes its query.
const silenceQuery = "{{alerting/silent}}"

// provisioned returns a provisioning file; the alert rule's query comes from sql/.
func provisioned(name string) ([]byte, error) {
	text, err := provisioning.ReadFile("provisioning/" + name)
	if err != nil {
		return nil, fmt.Errorf("provisioning: %w", err)
	}
	if !strings.Contains(string(text), silenceQuery) {
		return text, nil
	}
	query, err := statement("alerting/silent")
	if err != nil {
		return nil, err
	}
	quoted, err := json.Marshal(query) // JSON is YAML
	if err != nil {
		return nil, err
	}
	return []byte(strings.ReplaceAll(string(text), silenceQuery, string(quoted))), nil
}
