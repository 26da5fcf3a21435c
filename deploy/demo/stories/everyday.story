# title: An ordinary minute: nothing here may raise an alert
# ja: いつもの一分間 (警報は出ない)
# clauses:
+0 x20/3 <30>{bsd} web01 systemd[1]: Started Session {i} of User kanri.
+1 x6/10 <86>{bsd} web01 CRON[{pid}]: pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)
+2 x15/4 <134>{bsd} proxy01 squid[911]: {epoch} 61 10.1.0.44 TCP_MISS/200 5120 GET http://www.example.jp/page{i}.html - HIER_DIRECT/198.51.100.80 text/html
+3 x10/6 <22>{bsd} mx01 postfix/smtpd[{pid}]: connect from mail.example.jp[198.51.100.25]
+4 x10/6 <189>date={date} time={time} devname="fw-honcho" devid="FGT60F0000000000" eventtime={ns} tz="+0900" logid="0000000013" type="traffic" subtype="forward" level="notice" vd="root" srcip=10.1.0.44 srcport={port} srcintf="lan" dstip=198.51.100.80 dstport=443 dstintf="wan1" policyid=7 proto=6 action="close" service="HTTPS" sentbyte=2210 rcvdbyte=91400 duration=3
+5 <38>{bsd} web01 sshd[2201]: Accepted publickey for kanri from 10.1.0.20 port 50122 ssh2: RSA SHA256:9m3Zf0Kq1xR7uV5nT2wYc8bLhJp4sDgA6eQiXoUzMkE
+20 <142>[DHCPD] LAN1(port1) Allocates 10.1.0.150: 00:a0:de:12:34:56
