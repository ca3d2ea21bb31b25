// The list without full page loads: changed controls and followed links swap the list in place. All of it works without.
(() => {
  "use strict";
  const here = () => document.querySelector("[data-cm-list]");
  let waiting = null;

  async function show(url, { remember = true } = {}) {
    if (waiting) waiting.abort();
    waiting = new AbortController();
    const list = here();
    list.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(url, { headers: { "X-Requested-With": "XMLHttpRequest" }, signal: waiting.signal });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("[data-cm-list]");
      if (!answer.ok || !fresh) { location.assign(url); return; }
      const focused = document.activeElement && document.activeElement.id;
      list.replaceWith(fresh);
      if (focused) { const again = document.getElementById(focused); if (again) again.focus(); }
      if (remember) history.pushState({ cm: true }, "", answer.url);
    } catch (error) {
      if (error.name !== "AbortError") location.assign(url);
    }
  }

  function addressOf(form) {
    const query = new URLSearchParams();
    for (const [key, value] of new FormData(form)) if (value !== "") query.append(key, value);
    const path = form.getAttribute("action");
    return query.size ? `${path}?${query}` : path;
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.getAttribute("method") !== "get" || !form.closest("[data-cm-list]")) return;
    event.preventDefault();
    show(addressOf(form));
  });
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-cm-live]");
    if (form) show(addressOf(form));
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const list = link.closest("[data-cm-list]");
    if (!list || link.pathname !== list.querySelector("form.cm-toolbar").getAttribute("action")) return;
    event.preventDefault();
    show(link.href).then(() => { if (link.rel) scrollTo({ top: 0 }); });
  });
  addEventListener("popstate", () => { if (here()) show(location.href, { remember: false }); });
})();
