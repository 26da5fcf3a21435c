package parse

import (
	"strings"
	"testing"
)

func TestCiscoASA(t *testing.T)      { golden(t, "cisco_asa") }
func TestCiscoIOS(t *testing.T)      { golden(t, "cisco_ios") }
func FuzzCiscoASA(f *testing.F)      { fuzzLines(f, "cisco_asa") }
func FuzzCiscoIOS(f *testing.F)      { fuzzLines(f, "cisco_ios") }
func BenchmarkCiscoASA(b *testing.B) { benchLine(b, asaBuilt) }
func BenchmarkASADeny(b *testing.B)  { benchLine(b, asaDeny) }
func BenchmarkCiscoIOS(b *testing.B) { benchLine(b, iosPermit) }

const (
	asaBuilt  = `<166>Nov 24 11:59:20 fw1 : %ASA-6-302013: Built outbound TCP connection 117571 for outside:198.51.100.80/443 (198.51.100.80/443) to inside:192.0.2.44/51772 (203.0.113.4/51772)`
	asaDeny   = `<164>Nov 24 11:59:20 fw1 : %ASA-4-106023: Deny tcp src outside:203.0.113.5/50240 dst inside:192.0.2.2/23 by access-group "OUTSIDE_IN" [0x54c7fa80, 0x0]`
	iosPermit = `<189>30: sw1: 6340004: Nov 24 11:59:20.123: %SEC-6-IPACCESSLOGP: list INET permitted tcp 192.0.2.25(55244) -> 198.51.100.17(443), 1 packet`
)

// Every shape of the table has places that shapePlaces holds, and words to find.
func TestASAShapes(t *testing.T) {
	for _, s := range asaShapes {
		checkShape(t, s)
	}
}

func checkShape(t *testing.T, s shape) {
	t.Helper()
	places := 0
	for i := range s.form {
		if s.form[i] == '{' {
			places++
			if i+2 >= len(s.form) || s.form[i+2] != '}' {
				t.Errorf("%s: place without its end", s.form)
			}
		}
	}
	if places == 0 || places > shapePlaces || s.action == "" {
		t.Errorf("%s: %d places, action %q", s.form, places, s.action)
	}
	words := s.form[:literal(s.form)]
	if s.start != "" && !strings.HasPrefix(words, s.start) && !strings.HasPrefix(s.start, words) {
		t.Errorf("%s does not begin with %q", s.form, s.start)
	}
}
