// The list without full page loads, and timers that run. All of it works without.
(() => {
  "use strict";
  const here = () => document.querySelector("[data-cm-list]");
  let waiting = null;

  /* Another list in place of this one */
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
      const kept = state(list);
      list.replaceWith(fresh);
      restore(fresh, kept);
      if (remember) history.pushState({ cm: true }, "", answer.url);
      const said = fresh.querySelector("[data-cm-say], [role=alert]");
      document.getElementById("cm-said").textContent = said ? said.textContent.replace(/\s+/g, " ").trim() : "";
      document.dispatchEvent(new CustomEvent("cm:list"));
    } catch (error) {
      if (error.name !== "AbortError") location.assign(url);
    }
  }

  function state(list) {
    const scrolled = new Map([...list.querySelectorAll(".cm-facet__options")].map((part) => [part.id, part.scrollTop]));
    const typed = new Map([...list.querySelectorAll(".cm-facet__narrow")].map((field) => [field.dataset.of, field.value]));
    const open = new Map([...list.querySelectorAll(".cm-facet")].map((facet) => [facet.id, facet.open]));
    return { scrolled, typed, open, focused: document.activeElement && document.activeElement.id };
  }

  function restore(list, kept) {
    prepare(list);
    for (const field of list.querySelectorAll(".cm-facet__narrow")) { field.value = kept.typed.get(field.dataset.of) || ""; narrow(field); }
    for (const [id, top] of kept.scrolled) { const part = document.getElementById(id); if (part) part.scrollTop = top; }
    for (const [id, isOpen] of kept.open) { const facet = document.getElementById(id); if (facet) facet.open = isOpen; }
    const again = kept.focused && document.getElementById(kept.focused);
    if (again) again.focus({ preventScroll: true });
  }

  function addressOf(form) {
    const query = new URLSearchParams();
    for (const [key, value] of new FormData(form)) if (value !== "") query.append(key, value);
    if (query.toString() === "") query.append("view", "all");
    return `${form.getAttribute("action")}?${query}`;
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.getAttribute("method") !== "get" || !form.closest("[data-cm-list]")) return;
    event.preventDefault();
    show(addressOf(form));
  });
  document.addEventListener("change", (event) => {
    const form = event.target.name ? event.target.closest("form[data-cm-live]") : null;
    if (form) show(addressOf(form));
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const list = link.closest("[data-cm-list]");
    if (!list || link.hash || link.pathname !== list.querySelector("form.cm-toolbar").getAttribute("action")) return;
    event.preventDefault();
    show(link.href).then(() => { if (link.rel) { scrollTo({ top: 0 }); document.getElementById("cm-results").focus({ preventScroll: true }); } });
  });
  addEventListener("popstate", () => { if (here()) show(location.href, { remember: false }); });

  /* Long lists of values are narrowed by typing; changes are shown at once, so the button to show them is not needed */
  function prepare(list) {
    for (const needless of list.querySelectorAll("[data-cm-needless]")) needless.hidden = true;
    if (matchMedia("(max-width: 60rem)").matches) {
      for (const facet of list.querySelectorAll(".cm-facet[open]")) facet.open = facet.querySelector("input:checked") !== null;
    }
    for (const options of list.querySelectorAll("[data-cm-long]")) {
      const field = document.createElement("input");
      Object.assign(field, { type: "search", className: "cm-facet__narrow", placeholder: options.dataset.cmLong, autocomplete: "off", id: `${options.id}-narrow` });
      field.setAttribute("aria-label", options.dataset.cmLong);
      field.dataset.of = options.id;
      options.before(field);
    }
  }
  function narrow(field) {
    const wanted = field.value.trim().toLocaleLowerCase();
    for (const option of document.getElementById(field.dataset.of).children) {
      option.hidden = wanted !== "" && !option.textContent.toLocaleLowerCase().includes(wanted);
    }
  }
  document.addEventListener("input", (event) => { if (event.target.matches(".cm-facet__narrow")) narrow(event.target); });

  /* Timers run on: the words are those of the page's language */
  const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60]];
  function lengthInWords(seconds, list) {
    if (seconds < 60) return list.dataset.moment;
    const [unit, size] = UNITS.find(([name, each]) => seconds >= each && (name !== "day" || seconds >= 48 * 3600));
    const format = { style: "unit", unit, unitDisplay: "long", useGrouping: false };
    return new Intl.NumberFormat(document.documentElement.lang || undefined, format).format(Math.floor(seconds / size));
  }
  function run() {
    const list = here();
    if (!list || document.hidden) return;
    for (const timer of list.querySelectorAll("[data-cm-timer]")) {
      const left = (new Date(timer.dateTime) - Date.now()) / 1000;
      const words = (left < 0 ? list.dataset.late : list.dataset.left).replace("%s", lengthInWords(Math.abs(left), list));
      if (timer.textContent === words) continue;
      timer.textContent = words;
      const tone = left < 0 ? "danger" : left < 4 * 3600 ? "warn" : "calm";
      timer.className = `cm-timer cm-timer--${tone}`;
    }
  }
  setInterval(run, 20000);
  document.addEventListener("visibilitychange", run);

  /* What two clocks say goes away with Escape (keys.js) and comes back */
  for (const kind of ["mouseover", "focusin"]) {
    document.addEventListener(kind, (event) => {
      if (event.target.closest && event.target.closest(".cm-clock")) for (const away of document.querySelectorAll(".cm-clocks--away")) away.classList.remove("cm-clocks--away");
    });
  }

  if (here()) prepare(here());
})();
