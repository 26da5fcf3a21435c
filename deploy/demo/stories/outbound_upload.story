# title: Large uploads to personal cloud storage through the proxy
# ja: プロキシ経由で個人向けクラウドストレージへ大量アップロード
# clauses: 3-1 3-2 6-8
# rules: personal_cloud_storage outbound_volume
+0 x6/20 <134>{bsd} proxy01 squid[911]: {epoch} 5021 10.1.0.51 TCP_MISS/200 812 POST http://upload.dropbox.com/put/{i} - HIER_DIRECT/203.0.113.80 application/json
+5 x24/10 <189>date={date} time={time} devname="fw-honcho" devid="FGT60F0000000000" eventtime={ns} tz="+0900" logid="0000000013" type="traffic" subtype="forward" level="notice" vd="root" srcip=10.1.0.51 srcport={port} srcintf="lan" dstip=203.0.113.80 dstport=443 dstintf="wan1" policyid=7 proto=6 action="close" service="HTTPS" sentbyte=52428800 rcvdbyte=21440 duration=9 app="Dropbox"
