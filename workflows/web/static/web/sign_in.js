// Security keys, and the printing of recovery codes. A code from the app needs nothing of this.
"use strict";
(() => {
  const options = document.getElementById("key-options");
  document.querySelectorAll("form[data-key]").forEach((form) => {
    const failed = form.querySelector(".key-failed");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      failed.hidden = true;
      try {
        const data = JSON.parse(options.textContent);
        const answer = form.dataset.key === "create"
          ? await window.webauthnJSON.create(data.creation_options)
          : await window.webauthnJSON.get(data.request_options);
        form.querySelector("[name='credential']").value = JSON.stringify(answer);
        form.submit();
      } catch { failed.hidden = false; }
    });
  });
  document.querySelectorAll("[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => print());
  });
})();
