# title: Password guessing on SSH, and then a log-on that succeeds
# ja: SSH のパスワード総当りと、その後のログイン成功
# clauses: 3-1 6-3-2
# rules: ssh_bruteforce ssh_success_after_failures
+0 <38>{bsd} web01 sshd[2201]: Accepted publickey for kanri from 10.1.0.20 port 50122 ssh2: RSA SHA256:9m3Zf0Kq1xR7uV5nT2wYc8bLhJp4sDgA6eQiXoUzMkE
+5 x12/2 <38>{bsd} web01 sshd[{pid}]: Failed password for invalid user admin{i} from 203.0.113.66 port {port} ssh2
+30 x8/2 <38>{bsd} web01 sshd[{pid}]: Failed password for root from 203.0.113.66 port {port} ssh2
+52 <38>{bsd} web01 sshd[3001]: Accepted password for root from 203.0.113.66 port 51544 ssh2
+53 <86>{bsd} web01 sshd[3001]: pam_unix(sshd:session): session opened for user root(uid=0) by (uid=0)
