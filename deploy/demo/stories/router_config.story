# title: A log-on to the YAMAHA router from outside, a saved configuration, a rejected telnet
# ja: YAMAHA ルータへの外部からのログインと設定の保存
# clauses: 3-2 6-7
# rules: router_config_saved
+0 x3/1 <142>PP[01] Rejected at IN(1010) filter: TCP 203.0.113.12:{port} > 10.1.0.1:23
+3 <142>Login failed for SSH: 203.0.113.12
+9 <142>Login succeeded for SSH: 203.0.113.12 kanri
+30 <142>Configuration saved in "CONFIG0" by kanri(SSH:203.0.113.12)
