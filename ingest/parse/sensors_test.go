package parse

import "testing"

func TestSuricata(t *testing.T)      { golden(t, "suricata") }
func TestZeek(t *testing.T)          { golden(t, "zeek") }
func FuzzSuricata(f *testing.F)      { fuzzLines(f, "suricata") }
func FuzzZeek(f *testing.F)          { fuzzLines(f, "zeek") }
func BenchmarkSuricata(b *testing.B) { benchLine(b, eveAlert) }
func BenchmarkZeekConn(b *testing.B) { benchLine(b, zeekConn) }

const (
	eveAlert = `{"timestamp":"2026-11-24T11:59:20.533101+0900","flow_id":1258832998001901,"in_iface":"eth1","event_type":"alert","src_ip":"203.0.113.5","src_port":52812,"dest_ip":"192.0.2.80","dest_port":80,"proto":"TCP","tx_id":0,"alert":{"action":"blocked","gid":1,"signature_id":2024468,"rev":3,"signature":"TEST Injection","category":"Attempted User Privilege Gain","severity":1},"http":{"hostname":"www.honcho.example","url":"/a.php?x=1","http_user_agent":"curl/8","http_method":"POST","protocol":"HTTP/1.1","status":403,"length":0},"app_proto":"http","flow":{"pkts_toserver":3,"pkts_toclient":2,"bytes_toserver":500,"bytes_toclient":300,"start":"2026-11-24T11:59:20.400000+0900"}}`
	zeekConn = `{"_path":"conn","ts":1795489160.231892,"uid":"CioRRp4nD85D1Jefv6","id.orig_h":"192.0.2.25","id.orig_p":49859,"id.resp_h":"198.51.100.4","id.resp_p":443,"proto":"tcp","service":"ssl","duration":0.0296878,"orig_bytes":644,"resp_bytes":346,"conn_state":"SF","local_orig":true,"local_resp":false,"missed_bytes":0,"history":"ShADadfF","orig_pkts":6,"orig_ip_bytes":896,"resp_pkts":7,"resp_ip_bytes":638}`
)
