// Comforts only: every page works without this file.
"use strict";

// Draw the page again while it is looked at and nobody writes or reads a detail.
const every = Number(document.body.dataset.refresh);
if (every > 0) {
  setInterval(async () => {
    const busy = document.hidden || document.querySelector("details[open]") ||
      /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? "") || String(getSelection());
    if (busy) return;
    try {
      const res = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (res.redirected || !res.headers.get("Content-Type")?.startsWith("text/html")) return location.reload();
      const page = new DOMParser().parseFromString(await res.text(), "text/html");
      for (const part of ["header", "main"]) document.querySelector(part).replaceWith(page.querySelector(part));
      document.body.classList.remove("stale");
    } catch {
      document.body.classList.add("stale"); // yagura does not answer: what is shown is old
    }
  }, every * 1000);
}

// The search box grows with its text; Enter searches, Shift+Enter breaks the line.
const q = document.getElementById("q");
if (q) {
  const fit = () => { q.rows = Math.min(10, q.value.split("\n").length); };
  q.addEventListener("input", fit);
  q.addEventListener("keydown", (e) => {
    if (e.key === "Enter" && !e.shiftKey && !e.isComposing) { e.preventDefault(); q.form.requestSubmit(); }
  });
  fit();
}

// "/" leads to the search box.
document.addEventListener("keydown", (e) => {
  if (e.key !== "/" || e.ctrlKey || e.metaKey || e.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(e.target.tagName)) return;
  e.preventDefault();
  if (q) { q.focus(); q.select(); } else { location.href = "/search"; }
});

// One press of a button is one act.
document.addEventListener("submit", (e) => {
  if (e.target.method !== "post") return;
  setTimeout(() => e.target.querySelectorAll("button").forEach((b) => { b.disabled = true; }));
});

// Live events: newest first, as many as one can look through. What a log line says
// becomes text, never markup; characters that would not show are spelled.
const live = document.getElementById("live");
if (live) {
  const most = 500, state = document.getElementById("live-state"), pause = document.getElementById("live-pause");
  const spelled = (s) => s.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}]/gu, (c) => c === "\n" || c === "\t" ? c : `[U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}]`);
  const text = (v) => spelled(Array.isArray(v) ? v.join(", ") : String(v ?? ""));
  const element = (name, kind, content) => {
    const e = document.createElement(name);
    if (kind) e.className = kind;
    if (content !== undefined) e.textContent = content;
    return e;
  };
  const end = (address, port) => [address, port].filter(Boolean).join(":");
  let source;
  const say = (word) => { state.textContent = state.dataset[word]; };
  const [stop, resume] = [pause.textContent, pause.dataset.resume];
  const halt = () => {
    source?.close();
    source = undefined;
    say("paused");
    pause.textContent = resume;
  };
  const row = ({ when, event: e }) => {
    const one = element("details"), line = element("summary", e["event.outcome"] === "failure" ? "event failure" : "event");
    const from = end(e["source.ip"], e["source.port"]), to = end(e["destination.ip"], e["destination.port"]);
    for (const [kind, value] of [["time", when], ["", e["host.name"]], ["", [e["event.action"], e["event.outcome"]].filter(Boolean).join(" ")],
      ["", e["user.name"]], ["mono", to ? `${from} → ${to}` : from], ["line", (e.message || e["event.original"]).slice(0, 300)]]) line.append(element("span", kind, text(value)));
    one.append(line);
    one.addEventListener("toggle", () => { // fields are drawn when somebody looks; what is read stays in its place
      if (one.open) halt();
      if (one.children.length > 1) return;
      const detail = element("div", "detail"), table = element("table", "fields");
      for (const [name, value] of Object.entries(e)) {
        const tr = element("tr"), td = element("td");
        td.append(element("span", "value", text(value)));
        tr.append(element("th", "", text(name)), td);
        table.append(tr);
      }
      detail.append(table);
      one.append(detail);
    });
    return one;
  };
  const open = () => {
    pause.textContent = stop;
    source = new EventSource(live.dataset.from);
    source.onopen = () => say("up");
    source.onerror = () => {
      say("down");
      setTimeout(() => source?.readyState === EventSource.CLOSED && location.reload(), 5000); // logged off, or stopped for longer
    };
    source.onmessage = (m) => {
      const { events, skipped } = JSON.parse(m.data), fresh = document.createDocumentFragment();
      if (skipped) fresh.append(element("p", "note", live.dataset.skipped.replace("%s", skipped.toLocaleString())));
      for (const e of events.reverse()) fresh.append(row(e));
      live.firstElementChild.after(fresh);
      while (live.children.length > most) live.lastElementChild.remove();
    };
  };
  pause.hidden = false;
  pause.addEventListener("click", () => (source ? halt() : open()));
  open();
}
