// Wide changes: counts ticks, selects a page at once, keeps a form from being sent twice, and watches a running change.
// All of it works without.
(() => {
  "use strict";
  const bar = () => document.querySelector("[data-cm-bulk]");
  const boxes = () => [...document.querySelectorAll('input[name="case"][form="cm-bulk"]')];

  function tell() {
    const form = bar();
    if (!form) return;
    const all = boxes();
    const ticked = all.filter((box) => box.checked).length;
    const whole = form.querySelector("[data-cm-bulk-page]");
    whole.hidden = all.length === 0;
    const box = whole.querySelector("input");
    box.checked = all.length > 0 && ticked === all.length;
    box.indeterminate = ticked > 0 && ticked < all.length;
    const chosen = form.querySelector("[data-cm-bulk-chosen]");
    if (!chosen.dataset.plain) chosen.dataset.plain = chosen.textContent;
    chosen.textContent = ticked ? chosen.dataset.cmBulkChosen.replace("%s", ticked) : chosen.dataset.plain;
    form.toggleAttribute("data-cm-some", ticked > 0 || form.elements.scope.value === "all");
  }

  document.addEventListener("change", (event) => {
    const target = event.target;
    if (target.closest("[data-cm-bulk-page]")) boxes().forEach((box) => { box.checked = target.checked; });
    else if (target.matches('input[name="case"][form="cm-bulk"]') && target.checked && bar()) bar().elements.scope.value = "chosen";
    tell();
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-cm-once]")) return;
    if (form.dataset.sent) event.preventDefault();
    else form.dataset.sent = "1";
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("[data-cm-once]").forEach((form) => { delete form.dataset.sent; });
    tell();
  });
  // The list swaps itself in place and says so; the new bar starts afresh.
  document.addEventListener("cm:list", tell);

  function look() {
    const watched = document.getElementById("cm-watched");
    if (!watched || !watched.hasAttribute("data-watch")) return;
    fetch(location.href, { credentials: "same-origin", headers: { "X-Requested-With": "XMLHttpRequest" } })
      .then((answer) => (answer.ok ? answer.text() : Promise.reject(new Error(answer.status))))
      .then((text) => {
        const fresh = new DOMParser().parseFromString(text, "text/html").getElementById("cm-watched");
        // Whoever is on a link or a button in there keeps it.
        if (fresh && !watched.contains(document.activeElement)) watched.replaceWith(fresh);
        window.setTimeout(look, 2000);
      })
      .catch(() => window.setTimeout(look, 10000));
  }
  window.setTimeout(look, 1000);
})();
