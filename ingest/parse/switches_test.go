package parse

import "testing"

func TestSwitches(t *testing.T)     { golden(t, "switches") }
func TestHypervisors(t *testing.T)  { golden(t, "hypervisors") }
func TestAssets(t *testing.T)       { golden(t, "assets") }
func TestProxies(t *testing.T)      { golden(t, "proxies") }
func FuzzSwitches(f *testing.F)     { fuzzLines(f, "switches") }
func FuzzHypervisors(f *testing.F)  { fuzzLines(f, "hypervisors") }
func FuzzAssets(f *testing.F)       { fuzzLines(f, "assets") }
func FuzzProxies(f *testing.F)      { fuzzLines(f, "proxies") }
func BenchmarkNECIX(b *testing.B)   { benchLine(b, necBlock) }
func BenchmarkComware(b *testing.B) { benchLine(b, comwareLogin) }

const (
	necBlock     = `<188>ACL.003: BLOCK tcp 203.0.113.45(51234) > 192.0.2.5(445), match deny-all, GigaEthernet0.0 in`
	comwareLogin = `<189>Nov 24 11:00:00 2026 sw-3f %%10SHELL/5/SHELL_LOGIN: kanri logged in from 192.0.2.5.`
)

// Every shape of the tables has places that shapePlaces holds.
func TestShapes(t *testing.T) {
	for _, table := range [][]shape{iosShapes[:], comwareShapes[:], esxiShapes[:], arubaShapes[:], mikrotikShapes[:], nasShapes[:], fujitsuShapes[:], fastPathShapes[:],
		alliedShapes[:], yamahaSWXShapes[:]} {
		for _, s := range table {
			checkShape(t, s)
		}
	}
}
