package agent

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBulkItems(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		want string
		err  string
	}{
		"create":                {"{\"create\":{\"_index\":\"logs-a\"}}\n{\"m\":1}\n", "create logs-a  {\"m\":1}\n", ""},
		"index of the path":     {"{ \"index\" : { } }\r\n{\"m\":1}\r\n", "index path  {\"m\":1}\n", ""},
		"an id, and old fields": {"{\"index\":{\"_id\":\"x\\u0031\",\"_type\":\"_doc\",\"_index\":\"i\",\"pipeline\":\"p\"}}\n{}\n", "index i x1 {}\n", ""},
		"an id that is null":    {"{\"index\":{\"_id\":null}}\n{}\n", "index path  {}\n", ""},
		"all kinds":             {"{\"delete\":{\"_id\":\"1\"}}\n{\"update\":{\"_id\":\"2\"}}\n{\"doc\":{}}\n\n{\"create\":{}}\nno JSON", "delete path 1 \nupdate path 2 {\"doc\":{}}\ncreate path  no JSON\n", ""},
		"no source":             {"{\"create\":{}}\n", "", "The bulk request must be terminated by a newline [\\n]"},
		"no action":             {"{\"m\":1}\n{\"m\":2}\n", "", "Malformed action/metadata line [1], expected field [create], [delete], [index] or [update] but found another"},
		"two actions":           {"{\"create\":{},\"index\":{}}\n{}\n", "", "Malformed action/metadata line [1], expected END_OBJECT but found [FIELD_NAME]"},
		"an empty action":       {"{\"create\":{}}\n{}\n{}\n{}\n", "create path  {}\n", "Malformed action/metadata line [3], expected FIELD_NAME but found [END_OBJECT]"},
		"an action of text":     {"hello\n", "", "Malformed action/metadata line [1], expected START_OBJECT"},
		"a list":                {"[]\n", "", "Malformed action/metadata line [1], expected START_OBJECT"},
		"no object":             {"{\"create\":1}\n{}\n", "", "Malformed action/metadata line [1], expected START_OBJECT"},
	} {
		t.Run(name, func(t *testing.T) {
			var got strings.Builder
			err := bulkItems([]byte(c.body), "path", func(i bulkItem) error {
				got.WriteString(strings.Join([]string{i.op, i.index, i.id, string(i.source)}, " ") + "\n")
				return nil
			})
			said := ""
			if err != nil {
				said = err.Error()
			}
			if d := cmp.Diff(c.want, got.String()); d != "" || said != c.err {
				t.Errorf("%s\nsaid %q, want %q", d, said, c.err)
			}
		})
	}
}

func TestBulkAnswer(t *testing.T) {
	const taken, failed = `{"create":{"_index":"i","_id":"a","_version":1,"result":"created","_shards":{"total":1,"successful":1,"failed":0},"_seq_no":1,"_primary_term":1,"status":201}}`,
		`{"update":{"_index":"i","_id":"b\"","status":400,"error":{"type":"t","reason":"r"}}}`
	for filter, want := range map[string]string{
		"":                                      `{"took":0,"errors":true,"items":[` + taken + "," + failed + `]}`,
		"errors,items.*.error,items.*.status":   `{"errors":true,"items":[{"create":{"status":201}},{"update":{"status":400,"error":{"type":"t","reason":"r"}}}]}`,
		"errors,items.*.error":                  `{"errors":true,"items":[{"update":{"error":{"type":"t","reason":"r"}}}]}`,
		"took":                                  `{"took":0}`,
		"-items,-took":                          `{"errors":true}`,
		"items.create.*_i*":                     `{"items":[{"create":{"_index":"i","_id":"a"}}]}`,
		"**.status":                             `{"items":[{"create":{"status":201}},{"update":{"status":400}}]}`,
		"items,-items.create,-items.update._id": `{"items":[{"update":{"_index":"i","status":400,"error":{"type":"t","reason":"r"}}}]}`,
		"nonsense":                              `{}`,
	} {
		a := newBulkAnswer(filter, 2)
		a.created(bulkItem{op: "create", index: "i", id: "a"})
		a.fail(bulkItem{op: "update", index: "i", id: `b"`}, 400, "t", "r")
		got := strings.TrimSuffix(string(a.bytes(0)), "\n")
		if got != want || !json.Valid([]byte(got)) {
			t.Errorf("%s:\n got %s\nwant %s", filter, got, want)
		}
	}
}

func TestVersionFor(t *testing.T) {
	for agent, want := range map[string]string{
		"": ours,
		"Elastic-Filebeat/9.2.1 (linux; amd64; abc; 2026)": "9.2.1",
		"Elastic-Winlogbeat/8.25.0-SNAPSHOT (windows)":     "8.25.0",
		"Elastic-Filebeat/8.3.3 (linux)":                   ours,
		"Elastic-Filebeat/7.17.9 (linux)":                  ours,
		"Elastic-Filebeat/9.2":                             ours,
		"Elastic-Filebeat/9.x.1":                           ours,
		"go-elasticsearch/8.19.0":                          ours,
	} {
		if got := versionFor(agent); got != want {
			t.Errorf("%q: %s, want %s", agent, got, want)
		}
	}
}

func FuzzBulk(f *testing.F) {
	for _, s := range []string{"", "{\"create\":{}}\n{}\n", "{\"index\":{\"_id\":\"1\",\"_index\":\"a\"}}\r\n{\"a\":1}\r\n", "{\"delete\":{}}\n", "{\"update\":{\"_id\":\"\\ud800\"}}\nx\n"} {
		f.Add([]byte(s), "errors,items.*.status")
	}
	f.Fuzz(func(t *testing.T, body []byte, filter string) {
		size := 0
		a := newBulkAnswer(filter, 1)
		err := bulkItems(body, "i", func(i bulkItem) error {
			size += len(i.source)
			if i.op == "create" || i.op == "index" {
				a.created(i)
			} else {
				a.fail(i, 400, "t", "r")
			}
			return nil
		})
		if size > len(body) {
			t.Errorf("%d bytes of %d", size, len(body))
		}
		if err != nil && !errors.As(err, new(*refusal)) {
			t.Error(err)
		}
		if text := a.bytes(0); !json.Valid(text) {
			t.Errorf("no JSON: %s", text)
		}
	})
}
