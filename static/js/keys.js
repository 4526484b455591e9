"use strict";
/* The office's keys: j k walk the rows of table[data-keys] or the cards of ul[data-keys], Enter takes a row's [data-next], / searches, ? shows the list.
   They can be switched off (WCAG 2.1.4) in that list; the choice stays in this browser. */
(() => {
  const store = { get off() { try { return localStorage.keys === "off"; } catch { return false; } }, set off(v) { try { localStorage.keys = v ? "off" : "on"; } catch { /* private window */ } } };
  const rows = () => [...document.querySelectorAll("table[data-keys] tbody tr, ul[data-keys] > li")];
  const chosen = () => rows().find((row) => row.contains(document.activeElement)) || rows().find((row) => row.ariaCurrent === "true");
  const walk = (step) => {
    const all = rows();
    if (!all.length) return;
    const at = all.indexOf(chosen());
    const next = all[Math.min(Math.max(at + step, 0), all.length - 1)];
    all.forEach((row) => row.removeAttribute("aria-current"));
    next.setAttribute("aria-current", "true");
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  };
  const help = () => document.getElementById("keys-help")?.togglePopover?.();
  const search = () => document.querySelector("[data-search]")?.focus();
  const acts = { j: () => walk(1), k: () => walk(-1), "/": search, "?": help };
  addEventListener("keydown", (event) => {
    if (store.off || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    if (event.key === "Enter" && event.target.matches("tr, ul[data-keys] > li")) {
      event.target.querySelector("[data-next]")?.click();
    } else if (Object.hasOwn(acts, event.key)) {
      event.preventDefault();
      acts[event.key]();
    }
  });
  const button = document.querySelector("[data-keys-switch]");
  const show = () => button?.setAttribute("aria-pressed", String(store.off));
  button?.addEventListener("click", () => { store.off = !store.off; show(); });
  show();
})();
