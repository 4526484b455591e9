"use strict";
/* The week of half hours: painted by dragging (mouse, pen, finger) and by keys (arrows, space, Shift with arrows). Without this file its
   checkboxes are ticked one by one; it only ticks the same boxes, and the form is sent as it would be. */
for (const form of document.querySelectorAll("[data-hours]")) {
  const table = form.querySelector("table");
  const rows = [...table.tBodies[0].rows].map((row) => [...row.querySelectorAll("input")]);
  const words = form.dataset;
  const days = words.days.split(",");
  const english = document.documentElement.lang === "en";
  const placeOf = (input) => { const [day, minute] = input.value.split("-").map(Number); return { day, half: minute / 30 }; };
  const at = (place) => rows[place.day][place.half];
  const isShown = (input) => input.offsetParent !== null;

  // ---- words
  const clock = (half) => `${String(Math.floor(half / 2)).padStart(english ? 2 : 1, "0")}:${half % 2 ? "30" : "00"}`;
  const spansOf = (cells) => {
    const spans = [];
    cells.forEach((cell, half) => {
      if (!cell.checked) return;
      if (spans.length && spans.at(-1)[1] === half) spans.at(-1)[1] = half + 1;
      else spans.push([half, half + 1]);
    });
    return spans.map(([start, end]) => `${clock(start)}${words.dash}${clock(end)}`);
  };
  const summary = form.querySelector("[data-summary]");
  const tell = () => {
    const said = rows.map(spansOf).flatMap((spans, day) => (spans.length ? [`${days[day]} ${spans.join(words.and)}`] : []));
    const text = said.join(words.comma) || words.none;
    if (summary.textContent === text) return;
    const pieces = text.split(/(?<=[、・])|(?<=[,&] )/).map((piece) => {  // never broken inside of 19:00〜21:00
      const span = document.createElement("span");
      span.className = "nowrap";
      span.textContent = piece;
      return [span, document.createElement("wbr")];
    });
    summary.replaceChildren(...pieces.flat());
  };

  // ---- painting: a rectangle from where it began, on the week as it was then
  let stroke = null;
  const begin = (place, value) => { stroke = { from: place, value, before: rows.map((cells) => cells.map((cell) => cell.checked)), moved: false }; };
  const paintTo = (to) => {
    stroke.moved = true;
    const between = (a, b, n) => n >= Math.min(a, b) && n <= Math.max(a, b);
    rows.forEach((cells, day) => cells.forEach((cell, half) => {
      const inside = between(stroke.from.day, to.day, day) && between(stroke.from.half, to.half, half);
      cell.checked = inside ? stroke.value : stroke.before[day][half];
    }));
    tell();
  };

  // ---- finger, pen, mouse
  let wasDragged = false;
  const cellUnder = (event) => document.elementFromPoint(event.clientX, event.clientY)?.closest?.("td")?.querySelector("input[name=free]");
  table.addEventListener("pointerdown", (event) => {
    const input = event.target.closest("input[name=free]");
    if (!input || event.button !== 0 || !event.isPrimary) return;
    wasDragged = false;
    begin(placeOf(input), !input.checked);
    stroke.pointer = event.pointerId;
  });
  const end = (event) => {
    if (stroke?.pointer !== event.pointerId) return;
    table.classList.remove("painting");
    stroke = null;
  };
  addEventListener("pointermove", (event) => {
    if (stroke?.pointer !== event.pointerId) return;
    if (!event.buttons) return end(event);  // it was let go outside of the window
    const input = cellUnder(event);
    if (!input || !table.contains(input) || (!stroke.moved && at(stroke.from) === input)) return;
    wasDragged = true;
    table.classList.add("painting");
    paintTo(placeOf(input));
  });
  addEventListener("pointerup", end);
  addEventListener("pointercancel", end);
  table.addEventListener("click", (event) => {
    if (wasDragged) event.preventDefault();  // the click that ends a stroke where it began
    wasDragged = false;
  }, true);
  table.addEventListener("dragstart", (event) => event.preventDefault());

  // ---- keys: one cell of the grid takes the tab key, arrows move from it
  table.setAttribute("role", "grid");
  for (const row of table.rows) row.setAttribute("role", "row");
  for (const cell of table.querySelectorAll("thead th")) cell.setAttribute("role", "columnheader");
  for (const cell of table.querySelectorAll("tbody th")) cell.setAttribute("role", "rowheader");
  for (const cell of table.querySelectorAll("td")) cell.setAttribute("role", "gridcell");
  const all = rows.flat();
  let here = null;
  const rest = (input) => {
    for (const cell of here ? [here] : all) cell.tabIndex = -1;
    here = input;
    here.tabIndex = 0;
  };
  const openDay = (day) => { const tab = form.querySelector(`#day-${day}`); if (tab && !isShown(rows[day][30])) tab.checked = true; };
  const firstShown = () => all.find((cell) => cell.checked && isShown(cell)) || all.find(isShown) || all[0];
  const step = (place, key) => {
    const seen = rows[place.day].flatMap((cell, half) => (isShown(cell) ? [half] : []));
    const spot = seen.indexOf(place.half);
    if (key === "ArrowRight") return { ...place, half: seen[Math.min(spot + 1, seen.length - 1)] };
    if (key === "ArrowLeft") return { ...place, half: seen[Math.max(spot - 1, 0)] };
    if (key === "Home") return { ...place, half: seen[0] };
    if (key === "End") return { ...place, half: seen.at(-1) };
    if (key === "ArrowDown") return { ...place, day: Math.min(place.day + 1, 6) };
    if (key === "ArrowUp") return { ...place, day: Math.max(place.day - 1, 0) };
    return null;
  };
  table.addEventListener("focusin", (event) => { if (event.target.matches("input[name=free]")) rest(event.target); });
  table.addEventListener("keydown", (event) => {
    if (!event.target.matches("input[name=free]") || event.ctrlKey || event.metaKey || event.altKey || event.key === "Shift") return;
    const place = placeOf(event.target);
    const next = step(place, event.key);
    if (!event.shiftKey || !next) stroke = null;  // as in a spreadsheet, Shift goes on from where it began until something else is done
    if (!next) return;
    event.preventDefault();
    if (event.shiftKey) {
      if (!stroke) begin(place, event.target.checked);
      paintTo(next);
    }
    openDay(next.day);
    at(next).focus();
  });
  table.addEventListener("focusout", (event) => { if (!table.contains(event.relatedTarget)) stroke = null; });
  form.querySelector(".day-tabs").addEventListener("change", () => rest(firstShown()));
  form.querySelector("#all-hours").addEventListener("change", () => rest(firstShown()));
  rest(firstShown());

  // ---- quick fills
  const quick = form.querySelector("[data-quick]");
  quick.hidden = false;
  form.querySelector(".by-keys").hidden = !matchMedia("(hover: hover)").matches;
  quick.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button || button.type === "reset") return;
    if ("clear" in button.dataset) all.forEach((cell) => { cell.checked = false; });
    else {
      const [those, start, stop] = button.dataset.fill.split(" ").map((part) => part.split(",").map(Number));
      for (const day of those) rows[day].slice(start[0] / 30, stop[0] / 30).forEach((cell) => { cell.checked = true; });
      openDay(those[0]);
    }
    tell();
  });
  table.addEventListener("change", tell);
  form.addEventListener("reset", () => setTimeout(tell));
  tell();
}

/* Finding a place among the zones: what does not match steps aside; without this file the list is long, and in order. */
for (const field of document.querySelectorAll("[data-zones]")) {
  const select = field.querySelector("select");
  const search = field.querySelector("input[type=search]");
  const groups = [...select.children].map((child) => child.cloneNode(true));
  field.querySelector(".zone-search").hidden = false;
  search.addEventListener("input", () => {
    const wanted = search.value.normalize("NFKC").trim().toLowerCase();
    const chosen = select.value;
    const fits = (option) => !wanted || `${option.textContent} ${option.value}`.toLowerCase().includes(wanted);
    const kept = groups.map((group) => {
      const copy = group.cloneNode(true);
      for (const option of [...copy.querySelectorAll("option")]) if (!fits(option)) option.remove();
      return copy;
    }).filter((copy) => (copy.tagName === "OPTION" ? fits(copy) : copy.children.length));
    if (!kept.length) return;
    select.replaceChildren(...kept);
    select.value = chosen;
    if (select.selectedIndex < 0 || wanted) select.selectedIndex = 0;
  });
  search.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
}

/* Three forms on one screen: what was begun in one and not saved is not lost without a word when another is sent, or the page left. */
const kept = [...document.querySelectorAll("form[data-keep]")];
const written = (form) => JSON.stringify([...new FormData(form)].filter(([name]) => name !== "day"));
const before = new Map(kept.map((form) => [form, written(form)]));
let sent = null;
const isOpen = (form) => form !== sent && written(form) !== before.get(form);
for (const form of kept) {
  form.addEventListener("submit", () => { sent = form; });
  const note = form.querySelector("[data-unsaved]");
  const look = () => { if (note) note.hidden = !isOpen(form); };
  for (const kind of ["change", "click", "keyup", "pointerup"]) form.addEventListener(kind, () => setTimeout(look));
}
addEventListener("beforeunload", (event) => { if (kept.some(isOpen)) event.preventDefault(); });
addEventListener("pageshow", (event) => { if (event.persisted) sent = null; });
