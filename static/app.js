// Comforts only: every page works without this file.
"use strict";

// A form that is on its way looks so, and cannot be sent twice by an impatient finger.
const busy = new Map();
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (busy.has(form)) {
    event.preventDefault();
    return;
  }
  const button = event.submitter;
  if (button) button.setAttribute("aria-disabled", "true");
  busy.set(form, button);
  // Should the answer never come, the button comes back.
  setTimeout(() => rest(form), 15000);
});
function rest(form) {
  const button = busy.get(form);
  if (button) button.removeAttribute("aria-disabled");
  busy.delete(form);
}
// Back from the cache: the page is as it was before it was sent.
addEventListener("pageshow", () => [...busy.keys()].forEach(rest));

// Where `autofocus` does not reach a summary of errors.
const summary = document.querySelector(".lc-errsum");
if (summary && document.activeElement !== summary) summary.focus();

// A copy button beside whatever is marked with data-copy="what to call it".
if (navigator.clipboard) {
  for (const source of document.querySelectorAll("[data-copy]")) {
    const button = document.createElement("button");
    const said = document.createElement("span");
    button.type = "button";
    button.className = "lc-btn lc-noprint";
    button.dataset.s = "sm";
    button.textContent = source.dataset.copy + "をコピー";
    said.setAttribute("role", "status");
    said.className = "lc-noprint lc-small";
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(source.textContent.trim());
        said.textContent = " コピーしました";
      } catch {
        said.textContent = " コピーできませんでした";
      }
    });
    const row = document.createElement("p");
    row.append(button, said);
    source.after(row);
  }
}

// A print button where the page asks for one.
for (const place of document.querySelectorAll("[data-print]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "lc-btn lc-noprint";
  button.textContent = place.dataset.print;
  button.addEventListener("click", () => print());
  place.append(button);
}
