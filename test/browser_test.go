package test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// browser is a Chromium of its own with one tab.
type browser struct {
	t   testing.TB
	ctx context.Context
}

func openBrowser(t testing.TB) *browser {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Skip("no Chromium here: apt-get install chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path))
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	timed, stop := context.WithTimeout(context.Background(), 90*time.Second)
	allocator, closeAll := chromedp.NewExecAllocator(timed, options...)
	ctx, closeTab := chromedp.NewContext(allocator)
	t.Cleanup(func() { closeTab(); closeAll(); stop() })
	return &browser{t, ctx}
}

func (b *browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// text is what a person reads in the part of the page.
func (b *browser) text(selector string) string {
	b.t.Helper()
	text, err := chromedp.Run(b.ctx, chromedp.Text(chromedp.CSS(selector)))
	if err != nil {
		b.t.Fatalf("%s: %v", selector, err)
	}
	return text
}

// TestConsoleInABrowser logs on with the token, looks at the overview, finds a
// line, reads an incident and acknowledges it.
func TestConsoleInABrowser(t *testing.T) {
	e := start(t)
	e.needConsole()
	b := openBrowser(t)
	e.burst("203.0.113.60", 8)
	e.send("<13>1 " + time.Now().UTC().Format(time.RFC3339Nano) + " web01 app - - - <script>document.title='taken'</script> harmless")
	e.wantStory("203.0.113.60", 8)
	e.want("SELECT count() FROM events WHERE position(raw, 'harmless') > 0", "1")
	id := e.sql("SELECT incident_id FROM incidents WHERE rule_id = 'ssh_bruteforce'")
	token, err := os.ReadFile(filepath.Join(e.dir, "console.token"))
	if err != nil {
		t.Fatal(err)
	}
	console := strings.TrimSuffix(e.ready["console"], "/")

	b.do(chromedp.Navigate(console+"/search"), chromedp.WaitVisible(chromedp.CSS("section.login")))
	b.logOn("wrong token")
	if text := b.text("section.login .fault"); text == "" {
		t.Error("a wrong token gives no word")
	}
	b.logOn(strings.TrimSpace(string(token)))
	b.do(chromedp.WaitVisible(chromedp.CSS("form.ask"))) // where it wanted to go

	b.do(chromedp.Navigate(console + "/"))
	wantWords(t, "overview", b.text("#main"), "SSH パスワードの総当り", "127.0.0.1", "監視中")

	b.do(chromedp.Navigate(console+"/search"), chromedp.WaitVisible(chromedp.CSS("#q")),
		chromedp.SendKeys(chromedp.CSS("#q"), "source.ip:203.0.113.60 user.name:u3"), chromedp.Submit(chromedp.CSS("form.ask")), chromedp.WaitVisible(chromedp.CSS("#results")))
	wantWords(t, "search", b.text("#results"), "Failed password for invalid user u3", "web01")

	b.do(chromedp.Navigate(console+"/search?q=harmless"), chromedp.WaitVisible(chromedp.CSS("#results")))
	wantWords(t, "a line with markup", b.text("#results"), "<script>")
	if title, err := chromedp.Run(b.ctx, chromedp.Title()); err != nil || title == "taken" {
		t.Errorf("a log line ran as a script: %q %v", title, err)
	}
	b.do(chromedp.Navigate(console+"/search?q=source.ip%3A"), chromedp.WaitVisible(chromedp.CSS("#fault")))

	b.do(chromedp.Navigate(console + "/incidents/" + id))
	wantWords(t, "incident", b.text("#main"), "203.0.113.60", "成功したログインがないか確認", "3-1")
	b.do(chromedp.SendKeys(chromedp.CSS(`textarea[name=text]`), "確認中"), chromedp.Click(chromedp.CSS(`form button[formaction$="/ack"], form[action$="/ack"] button`)))
	e.want("SELECT status FROM incidents WHERE incident_id = '"+id+"'", "acknowledged")
	b.do(chromedp.Navigate(console+"/incidents/"+id), chromedp.SetValue(chromedp.CSS(`form.assign input[name=text]`), "Suzuki"), chromedp.Submit(chromedp.CSS("form.assign")), chromedp.WaitReady(chromedp.CSS("footer")))
	e.want("SELECT assignee FROM incidents WHERE incident_id = '"+id+"'", "Suzuki")
	b.live(e, console)
	b.narrow(console, id)

	b.do(chromedp.Click(chromedp.CSS(`form[action="/logout"] button`)), chromedp.WaitVisible(chromedp.CSS("section.login")))
	b.do(chromedp.Navigate(console+"/incidents"), chromedp.WaitVisible(chromedp.CSS("section.login")))
}

// live watches a line arrive; what it says stays text.
func (b *browser) live(e *env, console string) {
	b.t.Helper()
	b.do(chromedp.Navigate(console+"/tail?q=arriving"), chromedp.WaitVisible(chromedp.CSS("#live-pause")))
	e.until(30*time.Second, func() bool { // the page subscribes when it likes to
		e.send("<13>1 " + time.Now().UTC().Format(time.RFC3339Nano) + " web01 app - - - <img src=x onerror=\"document.title='taken'\"> arriving")
		n, err := chromedp.Run(b.ctx, chromedp.Evaluate[int]("document.querySelectorAll('#live details').length"))
		return err == nil && n > 0
	}, func() string { return "no line on the live page" })
	wantWords(b.t, "live", b.text("#live"), "<img src=x", "web01")
	if title, err := chromedp.Run(b.ctx, chromedp.Title()); err != nil || title == "taken" {
		b.t.Errorf("a live line ran as a script: %q %v", title, err)
	}
}

// narrow looks for pages and tables that are wider than their place.
func (b *browser) narrow(console, id string) {
	b.t.Helper()
	const wider = `Math.max(document.documentElement.scrollWidth - innerWidth, ...[...document.querySelectorAll(".panel table")].filter((t) => !t.closest(".scroll, .wide"))
		.map((t) => t.getBoundingClientRect().right - t.closest(".panel").getBoundingClientRect().right))`
	for _, width := range []int64{375, 768, 1024} {
		for _, path := range []string{"/", "/incidents", "/incidents/" + id, "/search?q=203.0.113.60", "/search?q=*+|+count+by+source.ip", "/tail"} {
			b.do(chromedp.EmulateViewport(width, 800), chromedp.Navigate(console+path), chromedp.WaitReady(chromedp.CSS("footer")))
			if px, err := chromedp.Run(b.ctx, chromedp.Evaluate[float64](wider)); err != nil || px > 1 {
				b.t.Errorf("%s at %d px: %v px too wide, %v", path, width, px, err)
			}
		}
	}
}

func (b *browser) logOn(token string) {
	b.t.Helper()
	b.do(chromedp.SetValue(chromedp.CSS(`input[name=name]`), "Sato"), chromedp.SetValue(chromedp.CSS(`input[name=token]`), token),
		chromedp.Submit(chromedp.CSS("section.login form")), chromedp.WaitReady(chromedp.CSS("footer")))
}
