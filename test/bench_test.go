package test

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// mix is what a municipality's devices send, each line with a number of ten digits
// in a place where the device has one. @ is the time, # the number.
var mix = []string{
	"<134>@ fw01 date=2026-11-24 time=11:40:01 devname=\"fw01\" devid=\"FGT60F0000000000\" logid=\"0000000013\" type=\"traffic\" subtype=\"forward\" level=\"notice\" vd=\"root\" eventtime=1795488001123456789 tz=\"+0900\" srcip=10.1.4.21 srcport=52114 srcintf=\"lan\" dstip=198.51.100.20 dstport=443 dstintf=\"wan1\" sessionid=# proto=6 action=\"accept\" policyid=12 service=\"HTTPS\" sentbyte=1830 rcvdbyte=9120 duration=12",
	"<134>@ fw01 date=2026-11-24 time=11:40:01 devname=\"fw01\" devid=\"FGT60F0000000000\" logid=\"0000000013\" type=\"traffic\" subtype=\"forward\" level=\"notice\" vd=\"root\" eventtime=1795488001223456789 tz=\"+0900\" srcip=10.1.7.88 srcport=40220 srcintf=\"lan\" dstip=198.51.100.77 dstport=53 dstintf=\"wan1\" sessionid=# proto=17 action=\"accept\" policyid=3 service=\"DNS\" sentbyte=70 rcvdbyte=140 duration=1",
	"<166>@ asa01 : %ASA-6-302013: Built outbound TCP connection # for outside:198.51.100.9/443 (198.51.100.9/443) to inside:10.1.3.14/51002 (203.0.113.2/51002)",
	"<166>@ asa01 : %ASA-6-302014: Teardown TCP connection # for outside:198.51.100.9/443 to inside:10.1.3.14/51002 duration 0:00:12 bytes 5120 TCP FINs",
	"<38>@ web01 sshd[#]: Accepted publickey for kanri from 10.1.0.20 port 50122 ssh2: RSA SHA256:9m3Zf0Kq1xR7uV5nT2wYc8bLhJp4sDgA6eQiXoUzMkE",
	"<86>@ web01 sudo[#]:    kanri : TTY=pts/0 ; PWD=/home/kanri ; USER=root ; COMMAND=/usr/bin/systemctl status nginx",
	"<30>@ proxy01 squid[#]: 1795488001.123    182 10.1.4.33 TCP_TUNNEL/200 5321 CONNECT www.example.jp:443 tanaka HIER_DIRECT/198.51.100.5 -",
	"<30>@ proxy01 squid[#]: 1795488001.345     12 10.1.4.34 TCP_MISS/200 1820 GET http://www.example.jp/index.html suzuki HIER_DIRECT/198.51.100.5 text/html",
	"<22>@ mail01 postfix/smtpd[#]: 4B1F2A0C11: client=relay.example.jp[198.51.100.31]",
	"<4>@ gw01 kernel: [#.123456] IPT ACCEPT IN=eth1 OUT=eth0 MAC=00:00:5e:00:53:01:00:00:5e:00:53:02:08:00 SRC=10.1.9.4 DST=198.51.100.60 LEN=60 TOS=0x00 PREC=0x00 TTL=63 ID=4711 DF PROTO=TCP SPT=51514 DPT=443 WINDOW=64240 RES=0x00 SYN URGP=0",
}

// sheaf is a batch of framed lines of a fixed length: only numbers and times are
// written anew before each sending, which costs the sender little.
type sheaf struct {
	text            []byte
	numbers, stamps []int
	next            int64
	second          string
}

func newSheaf(lines int) *sheaf {
	s := &sheaf{}
	stamp := strings.Repeat("x", len(time.Stamp))
	for i := range lines {
		line := strings.Replace(mix[i%len(mix)], "@", stamp, 1)
		line = strings.Replace(line, "#", "0000000000", 1)
		head := len(s.text)
		s.text = fmt.Appendf(s.text, "%d %s", len(line), line)
		s.stamps = append(s.stamps, head+bytes.Index(s.text[head:], []byte(stamp)))
		plain := strings.Replace(mix[i%len(mix)], "@", stamp, 1)
		s.numbers = append(s.numbers, len(s.text)-len(line)+strings.IndexByte(plain, '#'))
	}
	return s
}

// fresh writes the next numbers and the time.
func (s *sheaf) fresh(now time.Time) []byte {
	if second := now.Format(time.Stamp); second != s.second {
		s.second = second
		for _, at := range s.stamps {
			copy(s.text[at:], second)
		}
	}
	for _, at := range s.numbers {
		s.next++
		for n, i := s.next, at+9; i >= at; i-- {
			s.text[i] = byte('0' + n%10)
			n /= 10
		}
	}
	return s.text
}

// flow sends at the rate for the time and returns how many lines went out and how
// long it took.
func (e *env) flow(rate int, length time.Duration) (sent int64, took time.Duration) {
	e.Helper()
	conn, err := net.Dial("tcp", e.ready["tcp"])
	if err != nil {
		e.Fatal(err)
	}
	s, zone := newSheaf(rate/100), time.FixedZone("JST", 9*3600)
	begun := time.Now()
	for time.Since(begun) < length {
		if _, err := conn.Write(s.fresh(time.Now().In(zone))); err != nil {
			e.Fatal(err)
		}
		ahead := time.Duration(s.next)*time.Second/time.Duration(rate) - time.Since(begun)
		if ahead > 0 {
			time.Sleep(ahead)
		}
	}
	took = time.Since(begun)
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		e.Fatal(err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(time.Minute))
	_, _ = conn.Read(make([]byte, 1)) // the receiver closes when it has read all
	_ = conn.Close()
	return s.next, took
}

// cpu is the processor time that a process has taken.
func cpu(t testing.TB, pid int) time.Duration {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * time.Second / 100 // USER_HZ is 100 on every Linux
}

// memory reads a line of /proc/PID/status, in MiB.
func memory(t testing.TB, pid int, name string) float64 {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), name+":")
	kib, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
	return kib / 1024
}

func own() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func setting(name string, fallback int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil && n > 0 {
		return n
	}
	return fallback
}

// TestBench measures the whole: YAGURA_BENCH=1 (make bench) turns it on,
// YAGURA_BENCH_RATE and YAGURA_BENCH_SECONDS set the load, YAGURA_BENCH_RULES a
// folder of rules in place of our own. It judges loss, never
// time.
func TestBench(t *testing.T) {
	if os.Getenv("YAGURA_BENCH") == "" {
		t.Skip("a measurement: run make bench")
	}
	rate, seconds := setting("YAGURA_BENCH_RATE", 100_000), setting("YAGURA_BENCH_SECONDS", 60)
	var rules []string
	if folder := os.Getenv("YAGURA_BENCH_RULES"); folder != "" {
		rules = []string{"rules: [" + strconv.Quote(folder) + "]"}
	}
	e := start(t, rules...)
	e.stop()
	profile := filepath.Join(t.TempDir(), "cpu.prof")
	e.args = []string{"--profile", profile}
	begun := time.Now()
	e.up()
	ready := time.Since(begun)
	pid, engine := e.cmd.Process.Pid, e.enginePid()
	e.pause2(5 * time.Second)
	idle, idleEngine := memory(t, pid, "VmRSS"), memory(t, engine, "VmRSS")

	y0, c0, s0 := cpu(t, pid), cpu(t, engine), own()
	sent, took := e.flow(rate, time.Duration(seconds)*time.Second)
	s1 := own()
	ended := time.Now()
	e.until(5*time.Minute, func() bool {
		n, err := e.trySQL("SELECT count() FROM events")
		return err == nil && n == strconv.FormatInt(sent, 10)
	}, func() string {
		return "stored: " + e.sql("SELECT count() FROM events") + " of " + strconv.FormatInt(sent, 10)
	})
	lag := time.Since(ended)
	e.pause2(5 * time.Second) // merges belong to the price
	y1, c1 := cpu(t, pid), cpu(t, engine)
	e.want("SELECT sum(received), sum(accepted), sum(stored), sum(refused), sum(dead), sum(pending) FROM books", fmt.Sprintf("%d\t%d\t%d\t0\t0\t0", sent, sent, sent))
	distinct := e.sql(`SELECT groupBitmap(toUInt32(extract(raw, '(?:sessionid=|connection |\\[)([0-9]{10})'))) FROM events`)
	if distinct != strconv.FormatInt(sent, 10) {
		t.Errorf("%s different numbers stored of %d sent", distinct, sent)
	}
	disk := e.sql("SELECT round(sum(bytes_on_disk) / sum(rows), 1) FROM system.parts WHERE active AND table = 'events'")

	per := func(d time.Duration) float64 { return float64(d.Microseconds()) / float64(sent) }
	peak, peakEngine := memory(t, pid, "VmHWM"), memory(t, engine, "VmHWM")
	e.stop() // writes the profile
	e.args = nil
	e.up()
	row, mail := e.latencies(10)
	t.Logf(`end to end over TCP, own rules, embedded engine, %d processors shared with the sender
  asked for                   %9d events/s for %d s
  sent                        %9d lines in %.1f s: %.0f events/s
  stored                      %9s different lines; lost %d
  last row after the last line %8.1f s
  yagura, CPU                 %9.2f µs/event   budget 3.40
%s  engine, CPU                 %9.2f µs/event   budget 3.00
  both                        %9.2f µs/event   budget 6.40 (at most 9)
  sender, CPU                 %9.2f µs/event
  yagura, memory at its peak  %9.0f MiB
  engine, memory at its peak  %9.0f MiB
  yagura, memory idle         %9.0f MiB        at most 120
  engine, memory idle         %9.0f MiB
  start to ready              %9.2f s          at most 5
  disk                        %9s bytes/event
at 10,000 events/s, ten times
  line to row                  median %v, longest %v    at most 2 s
  line to mail in the Maildir  median %v, longest %v    at most 2 s`,
		runtime.NumCPU(), rate, seconds, sent, took.Seconds(), float64(sent)/took.Seconds(), distinct, sent-atoi(distinct), lag.Seconds(),
		per(y1-y0), stages(t, profile, y1-y0, per), per(c1-c0), per(y1-y0+c1-c0), per(s1-s0),
		peak, peakEngine, idle, idleEngine, ready.Seconds(), disk,
		row[len(row)/2], row[len(row)-1], mail[len(mail)/2], mail[len(mail)-1])
}

// stages tells what the parts of yagura took of the whole, by the labels in its CPU
// profile; the rest is collecting garbage and the runtime.
func stages(t testing.TB, profile string, whole time.Duration, per func(time.Duration) float64) string {
	t.Helper()
	tags, err := exec.Command("go", "tool", "pprof", "-tags", profile).Output()
	if err != nil {
		t.Fatalf("read the profile: %v", err)
	}
	var lines strings.Builder
	line := func(name string, took time.Duration, budget string) {
		fmt.Fprintf(&lines, "    %-25s %9.2f            %s\n", name, per(took), budget)
	}
	rest := whole
	for _, s := range []struct{ label, name, budget string }{
		{`listener [^\n]*`, "receive, parse, enrich", "budget 0.73"},
		{`packer`, "block, s2, publish", "budget 0.80, with the bus server"},
		{`\$G`, "bus server", ""},
		{`detect`, "detect", "budget 1.30"},
		{`(?:store|verdicts)`, "store", "budget 0.55"},
	} {
		var took time.Duration
		for _, m := range regexp.MustCompile(`(?m)^ *([0-9.]+m?s) \([ 0-9.]+%\): `+s.label+`$`).FindAllSubmatch(tags, -1) {
			one, _ := time.ParseDuration(string(m[1]))
			took += one
		}
		rest -= took
		line(s.name, took, s.budget)
	}
	line("garbage, runtime, rest", rest, "")
	return lines.String()
}

func atoi(s string) int64 {
	n, _ := strconv.ParseInt(s, 10, 64)
	return n
}

// latencies plays bursts while 10,000 lines a second flow, and returns the sorted
// times to the rows and to the mails.
func (e *env) latencies(times int) (rows, mails []time.Duration) {
	e.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		e.flow(10_000, time.Duration(times+3)*2*time.Second)
	}()
	e.pause2(2 * time.Second)
	for i := range times {
		source := "203.0.115." + strconv.Itoa(i+1)
		begun := time.Now()
		e.burst(source, 8)
		row, mail := make(chan time.Duration, 1), make(chan time.Duration, 1)
		go func() {
			mail <- since(begun, func() bool { return e.mailAbout(source) })
		}()
		go func() {
			row <- since(begun, func() bool {
				n, err := e.trySQL("SELECT count() FROM events WHERE source_address = '" + source + "'")
				return err == nil && n == "8"
			})
		}()
		rows, mails = append(rows, <-row), append(mails, <-mail)
	}
	<-done
	slices.Sort(rows)
	slices.Sort(mails)
	return rows, mails
}

// since polls every five milliseconds, for a minute at most.
func since(begun time.Time, ok func() bool) time.Duration {
	for !ok() && time.Since(begun) < time.Minute {
		time.Sleep(5 * time.Millisecond)
	}
	return time.Since(begun).Round(time.Millisecond)
}
