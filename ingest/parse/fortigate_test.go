package parse

import "testing"

func TestFortiGate(t *testing.T)      { golden(t, "fortigate") }
func FuzzFortiGate(f *testing.F)      { fuzzLines(f, "fortigate") }
func BenchmarkFortiGate(b *testing.B) { benchLine(b, fortiTraffic) }

const fortiTraffic = `<189>date=2026-11-24 time=11:58:31 devname="fw-honcho" devid="FGT60FTK20001234" eventtime=1795489111483920172 tz="+0900" logid="0000000013" type="traffic" subtype="forward" level="notice" vd="root" srcip=192.0.2.25 srcport=51544 srcintf="internal" srcintfrole="lan" dstip=198.51.100.80 dstport=443 dstintf="wan1" dstintfrole="wan" srccountry="Reserved" dstcountry="Japan" sessionid=8123456 proto=6 action="close" policyid=12 policytype="policy" poluuid="1f2e3d4c-0001-51ed-aaaa-000000000001" service="HTTPS" trandisp="snat" transip=203.0.113.4 transport=51544 duration=64 sentbyte=4231 rcvdbyte=98213 sentpkt=40 rcvdpkt=88 appcat="unscanned"`
