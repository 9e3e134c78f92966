// Drafting: the state of saving while it runs, and a press on the button that waits for a save under way.
"use strict";
(() => {
  const form = document.querySelector("#letter-form");
  // A finding leads to its question: what folds it away opens, and the first place to answer has the focus.
  const answer = () => {
    const target = location.hash ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
    if (!target?.closest(".question")) return;
    const folded = target.closest("details");
    if (folded) folded.open = true;
    const field = target.matches("fieldset") ? target.querySelector("input, select, textarea") ?? target : target;
    field.focus();
    target.closest(".question").scrollIntoView({ block: "center" });
  };
  answer();
  addEventListener("hashchange", answer);
  // The browser itself puts the focus on a group of boxes once the page is there: the first box takes it again.
  addEventListener("load", () => { if (document.activeElement?.matches("fieldset")) answer(); });
  if (!form) return;
  let running = false, waiting = null, leaving = false;
  const state = (name) => {
    const shown = document.querySelector("#saving .saving-state");
    if (!shown) return;
    shown.dataset.state = name;
    shown.textContent = shown.dataset[name] ?? "";
  };
  // The page sends itself: a save that was still to come would say the same a second time, and make a second entry.
  addEventListener("pageshow", () => { leaving = false; });
  form.addEventListener("htmx:beforeRequest", (event) => {
    if (leaving) { event.preventDefault(); return; }
    running = true;
    state("saving");
  });
  form.addEventListener("htmx:sendError", () => state("failed"));
  form.addEventListener("htmx:responseError", () => state("failed"));
  form.addEventListener("htmx:afterRequest", () => {
    running = false;
    document.querySelector("#conflict")?.focus();
    if (waiting) { const button = waiting; waiting = null; setTimeout(() => form.requestSubmit(button), 0); }
  });
  // An answer under way brings the number of what was seen; a page sent before it would contradict itself.
  form.addEventListener("submit", (event) => {
    if (!running) { leaving = true; setTimeout(() => { leaving = false; }, 20000); return; }
    event.preventDefault();
    event.stopPropagation();
    waiting = event.submitter;
  }, true);
})();
