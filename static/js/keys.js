"use strict";
/* The office's keys: j k walk the rows of table[data-keys] or the cards of ul[data-keys], Enter takes a row's [data-next], / searches, ? shows the list.
   A control with aria-keyshortcuts is pressed by its one key in the chosen row, or, outside of rows, anywhere; with data-waits it is only gone to, for Enter.
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
  const shortcut = (key) => {
    const named = `[aria-keyshortcuts="${CSS.escape(key)}"]`;
    const target = chosen()?.querySelector(named) || [...document.querySelectorAll(named)].find((one) => !one.closest("[data-keys]"));
    if (target && "waits" in target.dataset) target.focus();
    else target?.click();
    return Boolean(target);
  };
  const acts = { j: () => walk(1), k: () => walk(-1), "/": search, "?": help };
  addEventListener("keydown", (event) => {
    if (store.off || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    if (event.key === "Enter" && event.target.matches("tr, ul[data-keys] > li")) {
      event.target.querySelector("[data-next]")?.click();
    } else if (Object.hasOwn(acts, event.key)) {
      event.preventDefault();
      acts[event.key]();
    } else if (event.key.length === 1 && shortcut(event.key)) {
      event.preventDefault();
    }
  });
  const arrived = location.hash && rows().find((row) => `#${row.id}` === location.hash);
  if (arrived) {  // back from an act on this row: go on from it
    rows().forEach((row) => row.removeAttribute("aria-current"));
    arrived.setAttribute("aria-current", "true");
    arrived.focus({ preventScroll: true });
  }
  const button = document.querySelector("[data-keys-switch]");
  const show = () => button?.setAttribute("aria-pressed", String(store.off));
  button?.addEventListener("click", () => { store.off = !store.off; show(); });
  show();
})();
