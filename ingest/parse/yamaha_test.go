package parse

import "testing"

func TestYAMAHA(t *testing.T)      { golden(t, "yamaha") }
func FuzzYAMAHA(f *testing.F)      { fuzzLines(f, "yamaha") }
func BenchmarkYAMAHA(b *testing.B) { benchLine(b, yamahaReject) }

const yamahaReject = `<174>PP[01] Rejected at IN(200099) filter: TCP 203.0.113.5:50214 > 192.0.2.1:23`
