package parse

import "testing"

func TestEndpoint(t *testing.T) { golden(t, "endpoint") }
func FuzzEndpoint(f *testing.F) { fuzzLines(f, "endpoint") }
