package parse

import "testing"

func TestAllied(t *testing.T)  { golden(t, "allied") }
func TestIFilter(t *testing.T) { golden(t, "ifilter") }
func FuzzAllied(f *testing.F)  { fuzzLines(f, "allied") }
func FuzzIFilter(f *testing.F) { fuzzLines(f, "ifilter") }
