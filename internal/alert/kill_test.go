package alert

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const killEnv = "YAGURA_ALERT_KILL_TEST"

// TestMain runs the child of TestKill when the environment says so.
func TestMain(m *testing.M) {
	if dir := os.Getenv(killEnv); dir != "" {
		child(dir)
		return
	}
	os.Exit(m.Run())
}

func killConfig(dir string) Config { return Config{Data: dir, MailsPerWindow: 1000} }

// child takes alerts from the number given on and says so, as a consumer of the
// bus that commits after Take.
func child(dir string) {
	first, err := strconv.Atoi(os.Args[1])
	if err != nil {
		panic(err)
	}
	s, err := New(killConfig(dir), Deps{}, nil)
	if err != nil {
		panic(err)
	}
	go func() { _ = s.Run(context.Background()) }()
	for i := first; ; i++ {
		if err := s.Take(context.Background(), killAlert(i)); err != nil {
			panic(err)
		}
		fmt.Println(i)
	}
}

const killSources = 50

// TestKill kills the stage with SIGKILL again and again under load: every alert
// that was committed is in its incident once, every incident has its mail, and no
// mail has two names.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	seed := rand.Uint64()
	rng := rand.New(rand.NewPCG(seed, 1))
	t.Logf("seed %d", seed)
	next := 0
	for range 8 {
		next = killAfter(t, dir, next, 20+rng.IntN(200))
	}
	s := openStage(t, killConfig(dir), Deps{})
	stop := start(t, s)
	for i := max(next-10, 0); i < next+1; i++ { // delivered again: the last ones and the one in flight
		take(t, s, killAlert(i))
	}
	wait(t, "all mails", func() bool { return s.Stats().Due == 0 })
	stop()
	list, _ := s.List(context.Background(), "")
	alerts, want := 0, map[string]bool{}
	for _, inc := range list {
		alerts += inc.Alerts
		want[inc.ID+".1@localhost"] = true
	}
	if alerts != next+1 || len(list) != killSources {
		t.Errorf("%d alerts in %d incidents, want %d in %d", alerts, len(list), next+1, killSources)
	}
	for _, m := range mailbox(t, filepath.Join(dir, "mail")) {
		if !want[m.id] {
			t.Errorf("mail %s twice or of no incident", m.id)
		}
		delete(want, m.id)
	}
	if len(want) > 0 {
		t.Errorf("%d incidents without a mail", len(want))
	}
}

// killAfter lets a child take count alerts from first on, kills it, and returns
// the first that it did not commit.
func killAfter(t *testing.T, dir string, first, count int) int {
	t.Helper()
	cmd := exec.Command(os.Args[0], strconv.Itoa(first))
	cmd.Env = append(os.Environ(), killEnv+"="+dir)
	var words strings.Builder
	cmd.Stderr = &words
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	next := first
	for lines.Scan() {
		n, err := strconv.Atoi(lines.Text())
		if err != nil {
			t.Fatalf("child: %s", lines.Text())
		}
		if next = n + 1; next == first+count {
			_ = cmd.Process.Kill()
		}
	}
	_ = cmd.Wait() // killed
	if next < first+count {
		t.Fatalf("child ended at %d of %d: %s", next, first+count, words.String())
	}
	return next
}
