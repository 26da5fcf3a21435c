package parse

import (
	"strings"
	"testing"
)

func TestFortiGate(t *testing.T)      { golden(t, "fortigate") }
func FuzzFortiGate(f *testing.F)      { fuzzLines(f, "fortigate") }
func BenchmarkFortiGate(b *testing.B) { benchLine(b, fortiTraffic) }

const fortiTraffic = `<189>date=2026-11-24 time=11:58:31 devname="fw-honcho" devid="FGT60FTK20001234" eventtime=1795489111483920172 tz="+0900" logid="0000000013" type="traffic" subtype="forward" level="notice" vd="root" srcip=192.0.2.25 srcport=51544 srcintf="internal" srcintfrole="lan" dstip=198.51.100.80 dstport=443 dstintf="wan1" dstintfrole="wan" srccountry="Reserved" dstcountry="Japan" sessionid=8123456 proto=6 action="close" policyid=12 policytype="policy" poluuid="1f2e3d4c-0001-51ed-aaaa-000000000001" service="HTTPS" trandisp="snat" transip=203.0.113.4 transport=51544 duration=64 sentbyte=4231 rcvdbyte=98213 sentpkt=40 rcvdpkt=88 appcat="unscanned"`

// Every key is found behind whatever follows it, short lines and long ones.
func TestFortiKeys(t *testing.T) {
	for i, k := range fortiKeys {
		for _, tail := range []string{"", "1", `"a=b" type="traffic" subtype="forward"`} {
			if size, at := fortiKey([]byte(k.name + "=" + tail)); size != len(k.name) || at != i {
				t.Errorf("%s=%s: size %d, place %d, want %d, %d", k.name, tail, size, at, len(k.name), i)
			}
		}
	}
	for line, want := range map[string]int{
		"=1": 0, "a b=1 c=2 d=3 e=4": 0, "vd.x=1": 4, "srcip1=192.0.2.1 dstip=192.0.2.2": 6, "": 0, "date": 0,
		"http_referrer_url=https://example.jp/": 17, strings.Repeat("k", 41) + "=1": 41, strings.Repeat("k", 42) + "=1": 0,
		"名=1": 0, "threat_weight=10 x=1": 13, "incidentserialno2=5 a=b": 17,
	} {
		size, at := fortiKey([]byte(line))
		if size != want || size > 0 && at >= 0 {
			t.Errorf("%q: size %d, place %d, want %d and no place", line, size, at, want)
		}
	}
}
