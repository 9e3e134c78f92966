// What makes the pages quicker. Without it every act works: nothing here is needed to do one.
"use strict";
(() => {
  const one = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];

  // --- errors: the summary is read first ---
  one(".error-summary[tabindex]")?.focus();

  // --- a button that is pressed twice does its act once; the server holds to it anyway ---
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent) { event.preventDefault(); return; }
    if (one("[data-once]", form)) {
      form.dataset.sent = "1";
      setTimeout(() => { delete form.dataset.sent; }, 8000);
    }
  });
  addEventListener("pageshow", () => all("form[data-sent]").forEach((form) => { delete form.dataset.sent; }));

  // --- references that copy ---
  const prepare = (root) => all(".copy[hidden]", root).forEach((button) => { button.hidden = false; });
  prepare(document);
  document.addEventListener("htmx:load", (event) => prepare(event.detail.elt));
  document.addEventListener("click", async (event) => {
    const button = event.target.closest(".copy");
    if (!button) return;
    await navigator.clipboard?.writeText(button.dataset.copy);
    button.classList.add("copied");
    setTimeout(() => button.classList.remove("copied"), 1500);
  });

  // --- menus close by Escape and by a press elsewhere; the focus returns ---
  document.addEventListener("click", (event) => {
    all("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    all("details.menu[open]").forEach((menu) => { menu.open = false; one("summary", menu).focus(); });
  });

  // --- signed out while the page was open: what was typed stays on it ---
  document.addEventListener("signed-out", () => { const notice = one("#signed-out"); if (notice) notice.hidden = false; });

  // --- saving, visibly: forms with data-autosave send themselves when a field was changed ---
  document.addEventListener("htmx:beforeRequest", (event) => mark(event, "saving"));
  document.addEventListener("htmx:afterRequest", (event) => mark(event, event.detail.successful ? "saved" : "failed"));
  document.addEventListener("htmx:sendError", (event) => mark(event, "failed"));
  const mark = (event, state) => {
    const shown = one(".saving-state", event.detail.elt.closest("form") ?? document);
    if (!shown || shown.dataset.fixed) return;
    shown.dataset.state = state;
    shown.textContent = shown.dataset[state] ?? "";
  };
  // The answer to a refused value is a form with its errors: show it. A page that tells of a problem is none: its words are shown.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const told = event.detail.xhr.responseText.includes("data-problem");
    if (!told && [409, 422].includes(event.detail.xhr.status)) { event.detail.shouldSwap = true; event.detail.isError = false; }
  });

  // --- an error of a request in the background is told on the page and stays until the next one succeeds ---
  const problem = one("#problem");
  const tell = (text) => { if (problem) { problem.textContent = text; problem.hidden = false; problem.scrollIntoView({ block: "nearest" }); } };
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status === 401) return;
    const answer = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
    const told = one("[data-problem]", answer)?.textContent.trim().replace(/\s+/g, " ");
    tell([problem?.dataset.failed, told].filter(Boolean).join(" "));
  });
  document.addEventListener("htmx:sendError", () => tell(problem?.dataset.unreachable));
  document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful && problem) problem.hidden = true; });

  // --- keys; switched off on request and in fields (WCAG 2.1.4) ---
  const list = one("#keys");
  if (list) {
    const off = one("#keys-off");
    const stored = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
    off.checked = stored("keys") === "off";
    off.addEventListener("change", () => { try { localStorage.setItem("keys", off.checked ? "off" : "on"); } catch { /* not kept */ } });
    const link = one("[data-keys]");
    link.hidden = false;
    link.addEventListener("click", (event) => { event.preventDefault(); list.showModal(); });
    let before = "", at = -1;
    const search = () => {
      const field = one("#search"), menu = one("#menu");
      if (!menu || field?.checkVisibility?.() !== false) { field?.focus(); return; }
      menu.open = true;
      one("#search-narrow").focus();
    };
    const rows = () => all("[data-row]");
    const go = (step) => {
      const found = rows();
      if (!found.length) return;
      found[at]?.classList.remove("at");
      at = Math.min(found.length - 1, Math.max(0, at + step));
      found[at].classList.add("at");
      const target = one("a[href]", found[at]);
      target?.focus();
      found[at].scrollIntoView({ block: "nearest" });
    };
    document.addEventListener("keydown", (event) => {
      const typing = event.target.closest("input, textarea, select, [contenteditable]");
      if (off.checked || typing || event.ctrlKey || event.metaKey || event.altKey || list.open) return;
      const key = event.key, sequence = before + key;
      before = key === "g" ? "g" : "";
      if (key === "/") { search(); event.preventDefault(); }
      else if (sequence === "gw") location.assign(one(".frame-link").href);
      else if (key === "j") go(1);
      else if (key === "k") go(-1);
      else if (key === "n") one("[data-next]")?.click();
      else if (key === "?") list.showModal();
      else if (key === "a") one("[data-act='approve']")?.click();
      else if (key === "c") { const field = one("[data-comment]") ?? one("#comment textarea"); if (field) { event.preventDefault(); field.closest("details")?.setAttribute("open", ""); field.focus(); } }
    });
  }
})();
