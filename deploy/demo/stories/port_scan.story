# title: A host of the inside scans ports of a server
# ja: 内部の端末がサーバのポートをスキャン
# clauses: 3-1
# rules: port_scan
+0 x30/0.5 <4>{bsd} core-fw kernel: [91231.{pid}] INPUT-DROP IN=eth0 OUT= MAC=00:16:3e:aa:bb:01:00:16:3e:aa:bb:03:08:00 SRC=203.0.113.77 DST=10.1.0.10 LEN=44 TOS=0x00 PREC=0x00 TTL=52 ID={pid} PROTO=TCP SPT=44321 DPT={pid} WINDOW=1024 RES=0x00 SYN URGP=0
