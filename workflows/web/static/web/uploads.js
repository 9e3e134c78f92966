// Annexes by drag and drop, piece by piece: a broken line costs one piece. Without this script the form sends the files whole.
"use strict";
(() => {
  const form = document.querySelector("#upload");
  // The hash of the whole file is reckoned here; a browser without it sends the form as it is.
  if (!form || !crypto.subtle) return;
  const chooser = form.querySelector("input[type=file]"), list = form.querySelector(".upload-list");
  const told = form.querySelector("#upload-told"), end = form.querySelector(".form-end"), { uploads, largest, annex, replacing, back } = form.dataset;
  // The page of one annex: its file waits for the press of the button and goes with title and language as they are then.
  const one = back !== undefined, title = form.elements.title, language = form.elements.language;
  const words = Object.fromEntries([...form.querySelectorAll("[data-word]")].map((word) => [word.dataset.word, word.textContent]));
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  form.querySelector(".upload-hint").hidden = false;
  // With the script a file is on its way as soon as it is chosen.
  end.hidden = !one;
  let queue = Promise.resolve(), left = 0;

  class Stopped extends Error {}
  class Refused extends Error {}
  const ask = async (address, said) => {
    let answer;
    const body = said && new FormData();
    for (const [name, value] of Object.entries(said ?? {})) body.append(name, value);
    try {
      answer = await fetch(address, { method: said ? "POST" : "GET", body, headers: { "X-CSRFToken": token, "HX-Request": "true" } });
    } catch { throw new Stopped(words.stopped); }
    if (answer.status === 401) throw new Stopped(words.signedOut);
    const json = (answer.headers.get("Content-Type") ?? "").startsWith("application/json") ? await answer.json() : {};
    if (answer.status === 409 && "received" in json) return json;
    if ([403, 404, 409, 422].includes(answer.status)) throw new Refused(json.error ?? words.refused);
    if (!answer.ok) throw new Stopped(json.error ?? words.stopped);
    return json;
  };
  const hash = async (file) => {
    const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
    return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  };

  const row = (file) => {
    const line = document.createElement("li"), name = document.createElement("bdi"), bar = document.createElement("progress");
    const state = document.createElement("span"), again = document.createElement("button");
    name.textContent = file.name; name.className = "annex-name";
    bar.max = file.size || 1; bar.value = 0; bar.setAttribute("aria-label", file.name);
    state.className = "upload-state";
    again.type = "button"; again.className = "button button-small"; again.textContent = words.resume; again.hidden = true;
    line.append(name, bar, state, again);
    list.append(line); list.hidden = false;
    const say = (text, kind = "") => { state.textContent = text; line.dataset.state = kind; told.textContent = `${file.name}: ${text}`; };
    return { line, bar, state, again, say };
  };

  const send = async (file, shown) => {
    shown.again.hidden = true;
    try {
      if (!file.size || file.size > Number(largest)) throw new Refused(words.tooLarge);
      shown.say(words.reading);
      shown.sha256 ??= await hash(file);
      // Whoever did not hear the last answer asks how far it is; it may be an annex by now.
      const known = shown.begun && await ask(shown.begun.address).catch((error) => { if (error instanceof Stopped) throw error; });
      const said = { name: file.name, size: file.size, sha256: shown.sha256, ...(one && { annex, title: title.value }) };
      const begun = known ? { ...shown.begun, ...known } : await ask(uploads, said);
      shown.begun = begun;
      shown.say(words.sending);
      let { received } = begun;
      shown.bar.value = received;
      while (received < file.size) {
        const piece = file.slice(received, received + begun.piece);
        ({ received } = await ask(begun.address, { offset: received, piece }));
        shown.bar.value = received;
        shown.state.textContent = `${words.sending} ${Math.floor(100 * received / file.size)} %`;
      }
      shown.say(words.checking);
      shown.made = await ask(`${begun.address}/finish`, one ? { title: title.value, language: language.value, ...(annex && { replacing }) } : {});
      shown.say(words.stored, "stored");
      left -= 1;
    } catch (error) {
      shown.say(error.message, error instanceof Stopped ? "stopped" : "refused");
      if (error instanceof Stopped) shown.again.hidden = false; else left -= 1;
    }
    if (left === 0) finished(shown);
  };
  const finished = (last) => {
    // What was refused stays on the page until it was read; otherwise the list of annexes is shown.
    if (!list.querySelector("[data-state=refused]")) { told.textContent = words.done; one ? location.assign(`${back}#annex-${last.made.key}`) : location.reload(); return; }
    if (one || !list.querySelector("[data-state=stored]") || form.querySelector(".upload-show")) return;
    const show = document.createElement("a");
    show.className = "button upload-show"; show.href = location.pathname; show.textContent = words.show;
    list.after(show);
  };
  const take = (files) => {
    for (const file of files) {
      const shown = row(file);
      left += 1;
      shown.again.addEventListener("click", () => { queue = queue.then(() => send(file, shown)); });
      queue = queue.then(() => send(file, shown));
    }
  };

  if (one) {
    // Another press after a refusal is another attempt; while a file is on its way or stopped there, it is gone on with there.
    addEventListener("submit", (event) => {
      if (event.target !== form || !chooser.files.length) return;
      event.preventDefault();
      delete form.dataset.sent;
      if (left) { list.querySelector("[data-state=stopped] button:not([hidden])")?.click(); return; }
      list.replaceChildren();
      if (title.value.trim()) take([chooser.files[0]]);
      else { told.textContent = words.noTitle; title.setCustomValidity(words.noTitle); title.reportValidity(); }
    }, true);
    title.addEventListener("input", () => title.setCustomValidity(""));
  } else {
    chooser.addEventListener("change", () => { take([...chooser.files]); chooser.value = ""; });
    form.addEventListener("submit", (event) => event.preventDefault());
  }
  addEventListener("online", () => list.querySelectorAll("[data-state=stopped] button:not([hidden])").forEach((button) => button.click()));
  addEventListener("beforeunload", (event) => { if (list.querySelector("li:not([data-state=stored]):not([data-state=refused])")) event.preventDefault(); });
  for (const type of ["dragover", "dragleave", "drop"]) {
    form.addEventListener(type, (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      form.classList.toggle("upload-over", type === "dragover");
      if (type !== "drop") return;
      if (one) { if (!left) chooser.files = event.dataTransfer.files; } else take([...event.dataTransfer.files]);
    });
  }
  // Beside the form a dropped file would replace the page.
  for (const type of ["dragover", "drop"]) addEventListener(type, (event) => { if (event.dataTransfer?.types.includes("Files")) event.preventDefault(); });
})();
