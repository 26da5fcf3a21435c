# title: Password spray on the SSL VPN of a FortiGate
# ja: FortiGate の SSL-VPN へのパスワードスプレー
# clauses: 3-1 6-6
# rules: vpn_password_spray
+0 x10/6 <189>date={date} time={time} devname="fw-honcho" devid="FGT60F0000000000" eventtime={ns} tz="+0900" logid="0101039426" type="event" subtype="vpn" level="alert" vd="root" logdesc="SSL VPN login fail" action="ssl-login-fail" tunneltype="ssl-web" tunnelid=0 remip=198.51.100.23 user="shokuin{i}" group="N/A" dst_host="N/A" reason="sslvpn_login_permission_denied" msg="SSL user failed to logged in"
