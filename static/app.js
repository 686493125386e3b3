// Comforts only: every page works without this file.
"use strict";

// What this file says by itself, in the language of the page. The staff's pages are Japanese.
const WORDS = {
  ja: {
    copy: (what) => `${what}をコピー`,
    copied: " コピーしました",
    notCopied: " コピーできませんでした",
    goOn: "次へ進む",
  },
  "ja-simple": {
    copy: (what) => `${what}を コピーする`,
    copied: " コピーしました",
    notCopied: " コピーできませんでした",
    goOn: "次へ 進む",
  },
  en: {
    copy: (what) => `Copy the ${what.toLowerCase()}`,
    copied: " Copied",
    notCopied: " Could not be copied",
    goOn: "Go on",
  },
};
const words = WORDS[document.documentElement.lang] ?? WORDS.ja;

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
    button.textContent = words.copy(source.dataset.copy);
    said.setAttribute("role", "status");
    said.className = "lc-noprint lc-small";
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(source.textContent.trim());
        said.textContent = words.copied;
      } catch {
        said.textContent = words.notCopied;
      }
    });
    const row = document.createElement("p");
    row.append(button, said);
    source.after(row);
  }
}

// What prints the page shows where that can be done.
for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// A card that is held under a scanner keeps the screen awake as long as it is looked at.
if (document.querySelector("[data-awake]") && navigator.wakeLock) {
  const wake = () => document.hidden || navigator.wakeLock.request("screen").catch(() => {});
  document.addEventListener("visibilitychange", wake);
  wake();
}

// While a telephone signs for this screen: says so as soon as it has happened. Nothing moves by itself.
const waiting = document.querySelector("[data-wait]");
if (waiting) {
  let { wait, seen } = waiting.dataset;
  let pause = 2000;
  let asking;
  let timer;
  const ask = async () => {
    const mine = (asking = new AbortController());
    try {
      const answer = await fetch(`${wait}?wait=1&seen=${seen}`, { signal: mine.signal });
      const news = await answer.json();
      pause = news.is === seen ? Math.min(pause * 1.5, 10000) : 2000;
      if (news.is !== seen) waiting.textContent = news.words;
      seen = news.is;
      if (news.ends) {
        document.title = news.words;
        document.querySelector("[data-next]").textContent = words.goOn;
        wait = "";
      }
    } catch {
      pause = Math.min(pause * 2, 10000);
    }
    if (mine === asking) look(pause);
  };
  // Somebody who looks elsewhere is not waited for.
  const look = (soon) => {
    clearTimeout(timer);
    if (wait && !document.hidden) timer = setTimeout(ask, soon);
  };
  document.addEventListener("visibilitychange", () => {
    if (document.hidden && asking) asking.abort();
    look(0);
  });
  look(0);
}

// Keys for staff who have switched them on. Each only does what a visible control does.
const queue = document.body.dataset.keys;
if (queue) {
  const rows = [...document.querySelectorAll("[data-row]")];
  const find = (selector, place = document) => place.querySelector(selector);
  const row = () => document.activeElement.closest("[data-row]");
  const move = (step) => {
    const to = rows[Math.max(0, rows.indexOf(row()) + step)] ?? rows.at(-1);
    if (to) find("th a", to).focus();
  };
  const keys = {
    j: () => move(1),
    k: () => move(-1),
    o: () => row() && find("th a", row()).click(),
    c: () => (row() ? find("form button", row()) : find("[data-key=c]"))?.click(),
    "/": () => find("#q")?.focus(),
    a: () => find("#outcome")?.click(),
    r: () => find("#outcome-decline")?.click(),
    n: () => find("[data-key=n]")?.click(),
    q: () => before === "g" && location.assign(queue),
  };
  let before = "";
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=radio], [type=checkbox]), select, textarea")) return;
    if (keys[event.key]) {
      if (event.key === "/") event.preventDefault();
      keys[event.key]();
    }
    before = event.key;
  });
}
