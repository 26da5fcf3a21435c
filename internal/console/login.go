package console

import (
	"net/http"
	"strings"
	"time"
	"unicode/utf8"
)

// maxName bounds a reader's name, in bytes.
const maxName = 100

type loginView struct{ Name, Next, Fault string }

func (c *Console) loginPage(w http.ResponseWriter, r *http.Request) {
	c.drawLogin(w, r, http.StatusOK, loginView{Next: localPath(r.URL.Query().Get("next"))})
}

func (c *Console) drawLogin(w http.ResponseWriter, r *http.Request, status int, v loginView) {
	p := c.speechOf(w, r)
	if v.Fault != "" {
		v.Fault = p.say(v.Fault)
	}
	c.draw(w, r, p, status, frame{Page: "login", Title: p.say("login"), Content: v})
}

func (c *Console) login(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "form cannot be read", http.StatusBadRequest)
		return
	}
	v := loginView{Name: strings.TrimSpace(r.PostForm.Get("name")), Next: localPath(r.PostForm.Get("next"))}
	if v.Name == "" || len(v.Name) > maxName || !utf8.ValidString(v.Name) || strings.ContainsFunc(v.Name, treacherous) {
		v.Fault = "log_noname"
		c.drawLogin(w, r, http.StatusBadRequest, v)
		return
	}
	from := peer(r)
	ok, wait := c.logOn(from, strings.TrimSpace(r.PostForm.Get("token")))
	switch {
	case wait > 0:
		retryAfter(w, wait)
		v.Fault = "log_wait"
		c.drawLogin(w, r, http.StatusTooManyRequests, v)
	case !ok:
		v.Fault = "log_wrong"
		c.drawLogin(w, r, http.StatusUnauthorized, v)
	default:
		c.admit(w, r, v)
	}
}

func (c *Console) admit(w http.ResponseWriter, r *http.Request, v loginView) {
	from := peer(r)
	if c.deps.Audit != nil {
		c.deps.Audit(r.Context(), Act{Time: time.Now().UTC(), Who: v.Name, From: from, What: "log_on"})
	}
	c.log.Info("logged on", "name", v.Name, "from", from)
	http.SetCookie(w, c.cookie(c.sessions.open(v.Name)))
	http.Redirect(w, r, v.Next, http.StatusSeeOther)
}

func (c *Console) logout(w http.ResponseWriter, r *http.Request) {
	if k, err := r.Cookie(c.cookieName()); err == nil {
		c.audit(r, "log_off", "")
		c.sessions.close(k.Value)
	}
	http.SetCookie(w, c.cookie(""))
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}

// localPath lets a redirect go to our own pages only.
func localPath(to string) string {
	if !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsFunc(to, func(r rune) bool { return r == '\\' || treacherous(r) }) ||
		strings.HasPrefix(to, "/login") || strings.HasPrefix(to, "/logout") {
		return "/"
	}
	return to
}
