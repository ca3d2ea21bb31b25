// The keyboard and the palette, for every page. A key presses the first visible element with data-cm-shortcut="…";
// the list moves its own focus. All of it can be done without.
(() => {
  "use strict";
  const root = document.querySelector("[data-cm-keys]");
  if (!root) return;
  const isOn = root.dataset.cmKeys === "on";
  const FIELDS = "input:not([type=hidden], [type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]:not([contenteditable=false])";
  const isWriting = (element) => Boolean(element.closest?.(`${FIELDS}, dialog`));
  const isShown = (element) => !element.disabled && !element.closest("[hidden], dialog:not([open])");

  for (const part of document.querySelectorAll("[data-cm-scripted]")) part.hidden = false;

  /* Pressing */
  const carriers = (key) => [...root.querySelectorAll("[data-cm-shortcut]")].filter((each) => each.dataset.cmShortcut === key && isShown(each));
  function panelOf(element) {
    if (element.matches("summary")) return element.parentElement;
    const controlled = element.getAttribute("aria-controls");
    return element.matches("[role=tab], a[href^='#']") && document.getElementById(controlled || element.hash.slice(1));
  }
  function press(element) {
    if (!element) return false;
    if (element.matches(FIELDS)) { element.focus(); element.select?.(); return true; }
    const panel = panelOf(element);
    if (!panel) { element.click(); return true; }
    if (element.matches("summary")) panel.open = true;
    else element.click();
    const field = [...panel.querySelectorAll(`${FIELDS}, button`)].find((each) => isShown(each) && each.offsetParent !== null && !each.closest("[data-draft-of]"));
    (field || element).focus();
    panel.scrollIntoView({ block: "nearest" });
    return true;
  }

  /* The list */
  const list = () => root.querySelector("[data-cm-list]");
  const row = () => document.activeElement?.closest(".cm-case");
  const inRow = (selector) => row()?.querySelector(selector);
  function walk(step) {
    const all = [...list().querySelectorAll(".cm-case__link")];
    const at = row() ? all.indexOf(inRow(".cm-case__link")) : -1;
    const next = all[at === -1 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1)];
    if (!next) return false;
    next.focus();
    next.closest(".cm-case").scrollIntoView({ block: "nearest" });
    return true;
  }
  const IN_LIST = {
    j: () => walk(1),
    k: () => walk(-1),
    o: () => press(inRow(".cm-case__link")),
    x: () => press(inRow("input[type=checkbox]")),
  };

  function open(id) {
    const dialog = document.getElementById(id);
    if (!dialog || dialog.open) return false;
    dialog.showModal();
    return true;
  }
  function act(key) {
    if (key === "?") return open("cm-keys");
    if (list() && Object.hasOwn(IN_LIST, key)) return IN_LIST[key]();
    return press(carriers(key)[0]) || (key === "/" && open("cm-palette"));
  }
  function stop(event) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  addEventListener("keydown", (event) => {
    if (event.key === "Escape") for (const open of document.querySelectorAll(".cm-clocks")) open.classList.add("cm-clocks--away");
    if (!isOn || event.defaultPrevented || event.isComposing || event.altKey) return;
    if (event.key === "Escape") {
      const field = document.activeElement;
      if (field?.matches(FIELDS) && root.contains(field) && !field.closest("dialog")) field.blur();
      return;
    }
    if (isWriting(event.target)) return;
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "k") { if (open("cm-palette")) stop(event); return; }
    if (event.ctrlKey || event.metaKey || event.key.length !== 1 || event.repeat && !"jk".includes(event.key)) return;
    if (act(event.key)) stop(event);
  }, { capture: true });

  /* The palette */
  const palette = document.getElementById("cm-palette");
  const field = document.getElementById("cm-palette-q"), found = document.getElementById("cm-palette-list"), said = palette.querySelector("[role=status]");
  let items = [], at = -1, waiting = null, timer = 0, looking = null;

  function wordsOf(element) {
    const own = element.getAttribute("aria-label") || element.innerText || element.placeholder || element.textContent;
    return own.replace(/\s+/g, " ").trim();
  }
  function actions(text) {
    const offered = [...root.querySelectorAll("[data-cm-shortcut], [data-cm-action]")].filter((each) => isShown(each) && !each.closest("dialog"));
    const all = offered.map((element) => ({ kind: palette.dataset.action, label: wordsOf(element), hint: isOn ? element.dataset.cmShortcut || "" : "", element }));
    return all.filter((item, place) => item.label && item.label.toLocaleLowerCase().includes(text) && all.findIndex((each) => each.label === item.label) === place);
  }
  function show(fetched) {
    const text = field.value.trim().toLocaleLowerCase(), own = actions(text);
    items = text.length > 1 ? [...fetched, ...own] : [...own, ...fetched];
    found.replaceChildren(...items.map(option));
    found.hidden = items.length === 0;
    field.setAttribute("aria-expanded", String(items.length > 0));
    said.textContent = items.length === 0 ? palette.dataset.none : items.length === 1 ? palette.dataset.one : palette.dataset.many.replace("%s", items.length);
    choose(items.length ? 0 : -1);
  }
  function option(item, place) {
    const line = document.createElement("li"), label = document.createElement("bdi"), kind = document.createElement("span");
    Object.assign(line, { id: `cm-palette-${place}`, className: "cm-palette__item" });
    line.setAttribute("role", "option");
    label.textContent = item.label;
    kind.className = "cm-muted";
    kind.textContent = [item.kind, item.hint].filter(Boolean).join(" · ");
    line.append(label, " ", kind);
    line.addEventListener("click", () => go(item));
    return line;
  }
  function choose(place) {
    at = place;
    [...found.children].forEach((line, number) => line.setAttribute("aria-selected", String(number === at)));
    const line = found.children[at];
    if (line) { field.setAttribute("aria-activedescendant", line.id); line.scrollIntoView({ block: "nearest" }); }
    else field.removeAttribute("aria-activedescendant");
  }
  function go(item) {
    palette.close();
    if (item.url) location.assign(item.url);
    else press(item.element);
  }
  async function look() {
    waiting?.abort();
    waiting = new AbortController();
    try {
      const address = `${palette.dataset.url}?${new URLSearchParams({ q: field.value })}`;
      const answer = await fetch(address, { headers: { "X-Requested-With": "XMLHttpRequest" }, signal: waiting.signal, redirect: "manual" });
      show(answer.ok ? (await answer.json()).items : []);
    } catch (error) {
      if (error.name !== "AbortError") { show([]); said.textContent = palette.dataset.failed; }
    }
  }
  /* What is chosen fits what is typed, also for those who type faster than the server answers */
  async function enter() {
    if (timer) { clearTimeout(timer); timer = 0; looking = look(); }
    await looking;
    if (palette.open && items[at]) go(items[at]);
  }
  field.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(() => { timer = 0; looking = look(); }, 150); });
  field.addEventListener("keydown", (event) => {
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key === "Enter") { event.preventDefault(); enter(); }
    if (!Object.hasOwn(steps, event.key) || !items.length) return;
    event.preventDefault();
    choose((at + steps[event.key] + items.length) % items.length);
  });
  new MutationObserver(() => {
    if (!palette.open) return;
    field.value = "";
    field.focus();
    show([]);
    look();
  }).observe(palette, { attributeFilter: ["open"] });
  document.addEventListener("click", (event) => {
    const opener = event.target.closest?.("[data-cm-opens]");
    if (opener) open(opener.dataset.cmOpens);
    if (event.target.matches?.("dialog.cm-dialog")) event.target.close();
  });
})();
