package sigma

import (
	"testing"
)

const minimal = `title: Failed logon
logsource: {product: windows, service: security}
detection:
  sel: {EventID: 4625}
  condition: sel
`

func TestParseMinimal(t *testing.T) {
	docs, errs := Parse("a.yml", []byte(minimal))
	if len(errs) > 0 || len(docs) != 1 {
		t.Fatalf("got %d documents, errors %v", len(docs), errs)
	}
	r := docs[0].(*Rule)
	if r.Title != "Failed logon" || r.Level != DefaultLevel || r.Source.Service != "security" {
		t.Errorf("got %+v", r.Meta)
	}
	if got := r.Selections[0].Any[0][0].Values[0].Any[0].String(); got != `number "4625" 4625` {
		t.Errorf("matcher %s", got)
	}
}
