"use strict";
/* すぐにこの画面を閉じる: empties the page at once, then replaces it, so that 戻る does not lead back.
   The button is a form that works without this; Esc three times within two seconds does the same.
   The POST ends the session and answers with where to go; we never wait for it. */
(() => {
  const form = document.querySelector("[data-exit]");
  if (!form) return;
  const away = form.dataset.exit || "https://www.jma.go.jp/bosai/forecast/";
  const leave = () => {
    const data = new URLSearchParams(new FormData(form));
    const address = form.action;
    document.title = " ";
    document.documentElement.replaceChildren();
    fetch(address, { method: "POST", body: data, keepalive: true, redirect: "manual" }).catch(() => {});
    location.replace(away);
  };
  form.addEventListener("submit", (event) => { event.preventDefault(); leave(); });
  let presses = [];
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape") { presses = []; return; }
    presses = [...presses.filter((t) => event.timeStamp - t < 2000), event.timeStamp];
    if (presses.length >= 3) leave();
  });
  /* A page kept in memory by the browser must not come back with what was on it. */
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
})();
