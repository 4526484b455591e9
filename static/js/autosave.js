"use strict";
/* Saves a form[data-autosave] to its data-autosave-url one and a half seconds after the last stroke, and when the page is left.
   Says so in [data-saved] (role=status). Nothing is lost without it: the form's own button saves too. */
for (const form of document.querySelectorAll("form[data-autosave]")) {
  const note = form.querySelector("[data-saved]");
  let timer = 0;
  let dirty = false;
  const say = (words) => { if (note) note.textContent = words; };
  const save = async () => {
    clearTimeout(timer);
    if (!dirty) return;
    dirty = false;
    try {
      const answer = await fetch(form.dataset.autosaveUrl, { method: "POST", body: new URLSearchParams(new FormData(form)), keepalive: true, headers: { "X-Requested-With": "autosave" } });
      if (!answer.ok) throw new Error(answer.status);
      say(note?.dataset.words);
    } catch {
      dirty = true;
      say(note?.dataset.wordsWait);
    }
  };
  form.addEventListener("input", () => { dirty = true; clearTimeout(timer); timer = setTimeout(save, 1500); });
  form.addEventListener("submit", () => { dirty = false; clearTimeout(timer); });
  addEventListener("online", save);
  document.addEventListener("visibilitychange", () => { if (document.hidden) save(); });
}
