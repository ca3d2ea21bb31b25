// Looks cases up where a form asks for a reference: by words, customer or the beginning of the reference. Without it the
// field takes a reference, and the browser shows the suggestions that came with the page.
(() => {
  "use strict";
  const FIELDS = "input[data-cm-cases]";
  let number = 0;

  function outfit(field) {
    const id = `cm-cases-${(number += 1)}`, plain = document.getElementById(field.getAttribute("list") || "");
    const near = [...(plain?.options || [])].map((option) => ({ reference: option.value, title: option.text, status: "" }));
    const list = Object.assign(document.createElement("ul"), { id, className: "cm-people", hidden: true });
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", field.dataset.cmCasesLabel);
    field.removeAttribute("list");
    field.after(list);
    for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-controls": id, "aria-expanded": "false" })) field.setAttribute(name, value);
    let at = -1, timer = 0, asked = 0;

    function close() {
      asked += 1;
      clearTimeout(timer);
      list.hidden = true;
      at = -1;
      field.setAttribute("aria-expanded", "false");
      field.removeAttribute("aria-activedescendant");
    }
    function mark(place) {
      at = (place + list.children.length) % list.children.length;
      [...list.children].forEach((line, here) => line.setAttribute("aria-selected", String(here === at)));
      field.setAttribute("aria-activedescendant", list.children[at].id);
      list.children[at].scrollIntoView({ block: "nearest" });
    }
    function take(line) {
      field.value = line.dataset.reference;
      close();
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
    function lineOf(one, place) {
      const line = document.createElement("li"), reference = document.createElement("bdi"), title = document.createElement("bdi");
      line.id = `${id}-${place}`;
      line.dataset.reference = reference.textContent = one.reference;
      title.textContent = one.title;
      line.setAttribute("role", "option");
      line.setAttribute("aria-selected", "false");
      line.append(reference, " ", title, one.status ? ` (${one.status})` : "");
      line.addEventListener("mousedown", (event) => { event.preventDefault(); take(line); });
      return line;
    }
    function show(cases) {
      list.replaceChildren(...cases.map(lineOf));
      list.hidden = !cases.length;
      at = -1;
      field.setAttribute("aria-expanded", String(cases.length > 0));
      field.removeAttribute("aria-activedescendant");
    }
    async function look() {
      const text = field.value.trim(), mine = (asked += 1);
      if (text.length < 2) { show(text ? [] : near); return; }
      const address = new URL(`../${field.dataset.cmCases}`, field.form.action);
      address.searchParams.set("q", text);
      try {
        const answer = await fetch(address, { headers: { "X-Requested-With": "XMLHttpRequest" }, redirect: "manual" });
        const found = answer.ok ? (await answer.json()).cases : [];
        if (mine === asked) show(found);
      } catch {
        if (mine === asked) show([]);
      }
    }

    field.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(look, 150); });
    field.addEventListener("blur", close);
    field.addEventListener("keydown", (event) => {
      if (list.hidden) {
        if (event.key !== "ArrowDown") return;
        look();
      } else if (event.key === "ArrowDown") mark(at + 1);
      else if (event.key === "ArrowUp") mark(at < 0 ? -1 : at - 1);
      else if (event.key === "Enter" && at >= 0 && !event.ctrlKey && !event.metaKey) take(list.children[at]);
      else if (event.key === "Escape") close();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
  }

  // Panels that come later are outfitted when somebody gets there.
  const outfitted = new WeakSet();
  function start(field) {
    if (outfitted.has(field)) return;
    outfitted.add(field);
    outfit(field);
  }
  document.querySelectorAll(FIELDS).forEach(start);
  document.addEventListener("focusin", ({ target }) => { if (target.matches?.(FIELDS)) start(target); });
})();
