package parse

import "testing"

func TestFirewalls(t *testing.T)     { golden(t, "firewalls") }
func FuzzFirewalls(f *testing.F)     { fuzzLines(f, "firewalls") }
func BenchmarkPaloAlto(b *testing.B) { benchLine(b, paloAltoEnd) }

const paloAltoEnd = `<14>Nov 24 11:20:00 pa-220 1,2026/11/24 11:20:00,012801000001,TRAFFIC,end,2561,2026/11/24 11:20:00,192.0.2.10,203.0.113.80,198.51.100.1,203.0.113.80,allow-web,office\yamada,,ssl,vsys1,trust,untrust,ethernet1/2,ethernet1/1,syslog,2026/11/24 11:20:00,12345,1,50000,443,23456,443,0x400053,tcp,allow,5000,1000,4000,20,2026/11/24 11:19:30,28,business-and-economy,,123456,0x0,192.0.2.0-192.0.2.255,Japan,,10,10,tcp-fin`
