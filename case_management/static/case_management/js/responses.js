// The picker of scripted responses: type, walk with the arrows, Enter puts one into the reply. Without it the list
// and its button do the same.
(() => {
  "use strict";
  const ANSWER = "answer_";

  function make(tag, facts, ...children) {
    const element = Object.assign(document.createElement(tag), facts);
    element.append(...children);
    return element;
  }

  async function read(address) {
    const answer = await fetch(address, { headers: { "X-Requested-With": "XMLHttpRequest" }, redirect: "manual" });
    if (!answer.ok) throw new Error(answer.status);
    return answer.json();
  }

  function start(picker) {
    const { url } = picker.dataset;
    const form = picker.closest("form"), plain = picker.querySelector("[data-cm-picker-plain]"), select = plain.querySelector("select");
    const said = picker.querySelector("[role=status]"), prompts = form.querySelector("[data-cm-prompts]");
    const listId = `${select.id}-list`;
    const list = make("ul", { id: listId, className: "cm-picker__list", hidden: true });
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", picker.querySelector("label").textContent);
    const field = make("input", { type: "search", className: "cm-input", id: `${select.id}-search`, autocomplete: "off", placeholder: select.options[0].text });
    for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-controls": listId, "aria-expanded": "false", "data-cm-action": "" })) field.setAttribute(name, value);
    picker.querySelector("label").htmlFor = field.id;
    plain.hidden = true;
    plain.before(field, list);
    let items = [], at = -1, timer = 0, asked = 0, looking = null;

    function close() {
      list.hidden = true;
      at = -1;
      field.setAttribute("aria-expanded", "false");
      field.removeAttribute("aria-activedescendant");
    }
    function mark(place) {
      at = place;
      [...list.children].forEach((line, number) => line.setAttribute("aria-selected", String(number === at)));
      const line = list.children[at];
      if (!line) return;
      field.setAttribute("aria-activedescendant", line.id);
      line.scrollIntoView({ block: "nearest" });
    }
    function lineOf(item, place) {
      const what = item.fits ? item.subject : `${item.subject} (${picker.dataset.other}: ${item.for.join(", ")})`;
      const line = make("li", { id: `${listId}-${place}`, className: "cm-picker__item" }, make("bdi", { textContent: item.name }), make("small", { className: "cm-muted", dir: "auto", textContent: what }));
      line.setAttribute("role", "option");
      line.addEventListener("mousedown", (event) => event.preventDefault());
      line.addEventListener("click", () => use(item));
      return line;
    }
    async function look() {
      const mine = ++asked;
      try {
        const found = await read(`${url}?${new URLSearchParams({ q: field.value })}`);
        if (mine !== asked) return;
        items = found.responses;
        list.replaceChildren(...items.map(lineOf));
        list.hidden = items.length === 0;
        field.setAttribute("aria-expanded", String(items.length > 0));
        said.textContent = items.length ? picker.dataset.found.replace("%s", found.count) : picker.dataset.none;
        mark(items.length ? 0 : -1);
      } catch {
        said.textContent = picker.dataset.failed;
        field.hidden = true;
        plain.hidden = false;
      }
    }
    /* What is chosen fits what is typed, also for those who type faster than the server answers */
    async function settle() {
      clearTimeout(timer);
      if (timer || list.hidden) { timer = 0; looking = look(); }
      await looking;
    }

    function put(name, value) {
      const target = form.elements[name];
      if (!target) return;
      target.value = value;
      target.dispatchEvent(new Event("input", { bubbles: true }));
    }
    function ask(prompt) {
      const area = make("textarea", { name: prompt.field, id: `${select.id}-${prompt.field}`, rows: 2, dir: "auto" });
      area.dataset.cmPrompt = prompt.name;
      return make("div", { className: "cm-field" }, make("label", { htmlFor: area.id, textContent: prompt.label }), area);
    }
    function askAll(letter) {
      const answers = new Map([...form.elements].filter((each) => each.name.startsWith(ANSWER)).map((each) => [each.name, each.value]));
      prompts.querySelectorAll(".cm-field, input[type=hidden]").forEach((each) => each.remove());
      prompts.append(...letter.prompts.map(ask));
      for (const [name, value] of answers) if (form.elements[name]) form.elements[name].value = value;
      prompts.hidden = letter.prompts.length === 0;
      field.value = letter.name;
    }
    /* A draft came back: its response asks again, and has the answers; until it is read they wait unseen */
    async function resume(content) {
      const [number] = content.response || [];
      if (!number) return;
      for (const [name, [value]] of Object.entries(content)) {
        if (name.startsWith(ANSWER) && !form.elements[name]) prompts.append(make("input", { type: "hidden", name, value }));
      }
      try {
        const letter = await read(`${url}${number}/`);
        if (form.elements.response.value !== number) return;
        picker.dataset.last = letter.body;
        askAll(letter);
      } catch { /* It was retired: the server asks as soon as the reply is sent. */ }
    }
    async function use(item) {
      close();
      const signature = form.elements[picker.dataset.signature];
      let letter;
      try {
        letter = await read(`${url}${item.id}/?${new URLSearchParams({ signature: signature ? signature.value : "" })}`);
      } catch {
        said.textContent = picker.dataset.failed;
        return;
      }
      const typed = form.elements[picker.dataset.body].value.trim();
      const last = picker.dataset.last || "";
      const kept = typed && typed !== last.trim() && !letter.body.includes(typed) ? `${typed}\n\n` : "";
      put(picker.dataset.subject, letter.subject);
      put(picker.dataset.body, kept + letter.body);
      put("response", String(letter.id));
      picker.dataset.last = letter.body;
      picker.dispatchEvent(new CustomEvent("cm-response", { bubbles: true, detail: letter }));
      askAll(letter);
      said.textContent = picker.dataset.used.replace("%s", letter.name);
      (prompts.querySelector("textarea") || form.elements[picker.dataset.body]).focus();
    }

    form.addEventListener("cm:filled", (event) => resume(event.detail));
    field.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(() => { timer = 0; looking = look(); }, 120); });
    field.addEventListener("blur", close);
    field.addEventListener("keydown", async (event) => {
      const steps = { ArrowDown: 1, ArrowUp: -1 };
      if (event.key === "Escape" && !list.hidden) { event.preventDefault(); event.stopPropagation(); close(); }
      if (event.key === "Enter" && !event.isComposing) {
        event.preventDefault();
        await settle();
        if (items[at]) use(items[at]);
      }
      if (!Object.hasOwn(steps, event.key)) return;
      event.preventDefault();
      if (list.hidden) { await look(); return; }
      mark((at + steps[event.key] + items.length) % items.length);
    });
  }

  // A panel may come to the page later than this script.
  const started = new WeakSet();
  function startAll() {
    for (const picker of document.querySelectorAll("[data-cm-picker]")) {
      if (started.has(picker)) continue;
      started.add(picker);
      start(picker);
    }
  }
  startAll();
  document.addEventListener("cm:panel", startAll);
})();
