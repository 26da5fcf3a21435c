# title: A client of the internet-connected zone calls one outside server every ten seconds
# ja: インターネット接続系の端末が外部の一つのサーバへ 10 秒ごとに通信
# clauses: 3-1 6-3-2
# rules: outbound_beacon
+0 x60/10 <189>date={date} time={time} devname="fw-honcho" devid="FGT60F0000000000" eventtime={ns} tz="+0900" logid="0000000013" type="traffic" subtype="forward" level="notice" vd="root" srcip=10.1.0.45 srcport={port} srcintf="lan" srcintfrole="lan" dstip=203.0.113.200 dstport=8443 dstintf="wan1" dstintfrole="wan" policyid=7 proto=6 action="close" service="tcp/8443" sentbyte=642 rcvdbyte=318 sentpkt=6 rcvdpkt=5 duration=1 app="HTTPS" srccountry="Reserved" dstcountry="Netherlands"
