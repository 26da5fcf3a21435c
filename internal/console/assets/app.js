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
