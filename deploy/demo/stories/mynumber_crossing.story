# title: A terminal of the My Number zone reaches the internet-connected zone and a USB memory is attached
# ja: マイナンバー事務系の端末がインターネット接続系へ通信し、USB メモリが接続される
# clauses: 6-3-1 3-2
# rules: mynumber_zone_crossing removable_media
+0 x5/3 <132>{bsd} core-fw kernel: [81231.{pid}] FORWARD-ACCEPT IN=vlan30 OUT=vlan10 MAC=00:16:3e:aa:bb:01:00:16:3e:aa:bb:02:08:00 SRC=10.2.0.31 DST=10.1.0.10 LEN=60 TOS=0x00 PREC=0x00 TTL=63 ID={pid} DF PROTO=TCP SPT={port} DPT=445 WINDOW=64240 RES=0x00 SYN URGP=0
+10 <6>{bsd} mn-pc03 kernel: [ 5120.117002] usb 2-1: New USB device found, idVendor=0781, idProduct=5583, bcdDevice= 1.00
+10 <6>{bsd} mn-pc03 kernel: [ 5120.117010] usb 2-1: Product: Ultra Fit
+11 <6>{bsd} mn-pc03 kernel: [ 5121.310222] usb-storage 2-1:1.0: USB Mass Storage device detected
