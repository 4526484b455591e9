"use strict";
/* Opening sentences: a button writes its words at the end of the textarea, which then takes the focus. */
for (const box of document.querySelectorAll("[data-openers]")) {
  const text = document.getElementById(box.dataset.openers);
  if (!text) continue;
  box.hidden = false;
  box.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const words = button.innerText.trim();
    text.value = text.value.trim() ? `${text.value.trimEnd()}\n${words}` : words;
    text.focus();
    text.setSelectionRange(text.value.length, text.value.length);
    text.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
