package test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/testcontainers/testcontainers-go"
	containerexec "github.com/testcontainers/testcontainers-go/exec"
	"github.com/testcontainers/testcontainers-go/wait"
)

// needDocker skips where no Docker engine answers.
func needDocker(t *testing.T) {
	t.Helper()
	t.Setenv("TESTCONTAINERS_RYUK_DISABLED", "true") // its image cannot be pulled everywhere; every test removes what it made
	testcontainers.SkipIfProviderIsNotHealthy(t)
}

// imageContext is a folder with the Dockerfile and the file system of the image,
// made as `make image` makes it.
func imageContext(t *testing.T) string {
	t.Helper()
	if _, err := os.Stat("../bin/yagura"); err != nil {
		t.Skip("bin/yagura is not built: run make build")
	}
	dir := t.TempDir()
	cmd := exec.Command("bash", "../deploy/image/build.sh")
	cmd.Env = append(os.Environ(), "YAGURA_ROOTFS="+filepath.Join(dir, "rootfs.tar"))
	if out, err := cmd.CombinedOutput(); err != nil {
		if bytes.Contains(out, []byte("run: make engine")) {
			t.Skipf("%s", out)
		}
		t.Fatalf("build the image's file system: %v\n%s", err, out)
	}
	text, err := os.ReadFile("../deploy/image/Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "Dockerfile"), string(text))
	return dir
}

// TestContainer runs the image of `make image`: a line in, a row, an incident and
// its mail; it stops cleanly.
func TestContainer(t *testing.T) {
	needEngine(t)
	needDocker(t)
	ctx := context.Background()
	begun := time.Now()
	c, err := testcontainers.Run(ctx, "", testcontainers.WithDockerfile(testcontainers.FromDockerfile{Context: imageContext(t), Repo: "yagura-test", Tag: "e2e"}),
		testcontainers.WithExposedPorts("5514/tcp", "5514/udp"),
		testcontainers.WithWaitStrategyAndDeadline(2*time.Minute, wait.ForLog("ready ")))
	testcontainers.CleanupContainer(t, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("image and container ready after %v", time.Since(begun).Round(100*time.Millisecond))
	box := &container{t, c}
	conn, err := net.Dial("tcp", box.reach("5514/tcp"))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC().Format(time.RFC3339Nano)
	for i, g := range guesses("203.0.113.80", 8) {
		if _, err := fmt.Fprint(conn, frame(fmt.Sprintf("<38>1 %s web01 sshd %d - - %s", now, 1000+i, g))); err != nil {
			t.Fatal(err)
		}
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	box.until("8 rows", func() bool {
		return strings.Count(box.yagura("query", "source.ip:203.0.113.80", "--format", "json"), "\n") == 8
	})
	var incident struct {
		ID   string `json:"incident.id"`
		Mail string `json:"incident.mail"`
	}
	box.until("a mail", func() bool {
		_ = json.Unmarshal([]byte(box.yagura("incidents", "list", "--format", "json")), &incident)
		return incident.Mail == "sent"
	})
	if err := c.Stop(ctx, new(30*time.Second)); err != nil {
		t.Fatal(err)
	}
	state, err := c.State(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if state.ExitCode != 0 {
		t.Errorf("exit code %d after docker stop", state.ExitCode)
	}
}

func frame(message string) string { return fmt.Sprintf("%d %s", len(message), message) }

type container struct {
	t *testing.T
	c *testcontainers.DockerContainer
}

// reach finds the address at which a port of the container answers. The library's
// guess is wrong where it takes the machine itself for a container.
func (b *container) reach(port string) string {
	b.t.Helper()
	ctx := context.Background()
	mapped, err := b.c.MappedPort(ctx, port)
	if err != nil {
		b.t.Fatal(err)
	}
	host, err := b.c.Host(ctx)
	if err != nil {
		b.t.Fatal(err)
	}
	var errs []error
	for _, h := range []string{host, "127.0.0.1"} {
		address := net.JoinHostPort(h, mapped.Port())
		conn, err := net.DialTimeout("tcp", address, 5*time.Second)
		if err == nil {
			_ = conn.Close()
			return address
		}
		errs = append(errs, err)
	}
	b.t.Fatal(errors.Join(errs...))
	return ""
}

// yagura runs a command inside the container and returns its standard output.
func (b *container) yagura(args ...string) string {
	b.t.Helper()
	code, out, err := b.c.Exec(context.Background(), append([]string{"/yagura"}, append(args, "--data", "/var/lib/yagura")...), containerexec.Multiplexed())
	if err != nil {
		b.t.Fatal(err)
	}
	text, err := io.ReadAll(out)
	if err != nil {
		b.t.Fatal(err)
	}
	if code != 0 {
		b.t.Logf("yagura %v: exit code %d: %s", args, code, text)
	}
	return string(text)
}

func (b *container) until(what string, ok func() bool) {
	b.t.Helper()
	deadline := time.Now().Add(time.Minute)
	for !ok() {
		if time.Now().After(deadline) {
			logs, _ := b.c.Logs(context.Background())
			text, _ := io.ReadAll(logs)
			b.t.Fatalf("not within a minute: %s\n%s", what, tail(text, 4000))
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// TestContainersOfTheEngines runs yagura against a real clickhouse-server and NATS
// server in containers, where their images can be had.
func TestContainersOfTheEngines(t *testing.T) {
	needDocker(t)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	nats := pulled(t, ctx, "nats:2.12", []string{"-js"}, "4222/tcp", nil)
	clickhouse := pulled(t, ctx, "clickhouse/clickhouse-server:26.3", nil, "9000/tcp", map[string]string{"CLICKHOUSE_USER": "yagura", "CLICKHOUSE_PASSWORD": "yagura"})
	password := filepath.Join(t.TempDir(), "password")
	writeFile(t, password, "yagura")
	e := start(t, fmt.Sprintf("bus: {servers: [\"nats://%s\"]}", nats))
	e.stop()
	text, err := os.ReadFile(e.config)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, e.config, strings.Replace(string(text), `store: {address: "", index: none}`,
		fmt.Sprintf("store: {servers: [%q], user: yagura, password_file: %s, reader: yagura, reader_password_file: %s, index: none}", clickhouse, password, password), 1))
	e.up()
	e.burst("203.0.113.81", 8)
	e.until(time.Minute, func() bool {
		return strings.Count(e.yagura("query", "source.ip:203.0.113.81", "--format", "json"), "\n") == 8 && e.mailAbout("203.0.113.81")
	}, func() string { return "no rows or no mail" })
	e.stop()
}

// pulled runs an image and returns host:port of its port; it skips where the image
// cannot be had.
func pulled(t *testing.T, ctx context.Context, image string, cmd []string, port string, env map[string]string) string {
	t.Helper()
	options := []testcontainers.ContainerCustomizer{testcontainers.WithExposedPorts(port), testcontainers.WithEnv(env),
		testcontainers.WithWaitStrategy(wait.ForListeningPort(port).SkipInternalCheck())}
	if cmd != nil {
		options = append(options, testcontainers.WithCmd(cmd...))
	}
	c, err := testcontainers.Run(ctx, image, options...)
	testcontainers.CleanupContainer(t, c)
	if err != nil {
		for _, words := range []string{"pull", "registry", "manifest", "lookup", "no such image", "No such image", "timeout"} {
			if strings.Contains(err.Error(), words) {
				t.Skipf("the image %s cannot be had here: %v", image, err)
			}
		}
		t.Fatal(err)
	}
	return (&container{t, c}).reach(port)
}
