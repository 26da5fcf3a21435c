package parse

import "testing"

func TestAuditd(t *testing.T)      { golden(t, "auditd") }
func FuzzAuditd(f *testing.F)      { fuzzLines(f, "auditd") }
func BenchmarkAuditd(b *testing.B) { benchLine(b, auditExec) }

const auditExec = `type=SYSCALL msg=audit(1795489160.385:93777): arch=c000003e syscall=59 success=yes exit=0 a0=558e25052c70 a1=558e251641a0 a2=558e25160800 a3=1b6 items=2 ppid=29002 pid=2168 auid=1000 uid=1000 gid=1000 euid=1000 suid=1000 fsuid=1000 egid=1000 sgid=1000 fsgid=1000 tty=pts0 ses=104 comm="dd" exe="/bin/dd" key="exec"`
