// Nothing typed is lost: it is kept in this browser at once and on the server soon after, until it was sent.
(() => {
  "use strict";
  const PREFIX = "cm-draft:", WEEK = 7 * 86400e3, PAUSE = 2000, MOST = 60000;
  /* A yes holds for the preview beside it alone */
  const SKIPPED = new Set(["csrfmiddlewaretoken", "confirmed", "writer"]);
  let trouble = "";

  function read(key) {
    try { return JSON.parse(localStorage.getItem(PREFIX + key)); } catch { return null; }
  }
  function write(key, value) {
    try {
      if (value) localStorage.setItem(PREFIX + key, JSON.stringify(value));
      else localStorage.removeItem(PREFIX + key);
    } catch { /* Storage is full or switched off: the server keeps it. */ }
  }

  /* The server tells which forms were carried out; copies of these, and old ones, go */
  function tidy() {
    const cookie = document.cookie.split("; ").find((each) => each.startsWith("cm-sent="));
    const sent = new Set((cookie ? cookie.slice(8).replace(/"/g, "") : "").split(".").map((each) => each.replace(":", "/")));
    if (cookie) document.cookie = "cm-sent=; Max-Age=0; path=/; SameSite=Lax";
    let keys = [];
    try { keys = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX)).map((key) => key.slice(PREFIX.length)); } catch { /* as above */ }
    for (const key of keys) {
      const kept = read(key);
      const [, about] = /^[^/]*\/(.*)$/.exec(key) || [];
      if (sent.has(about) || !kept || !(Date.now() - kept.at < WEEK)) write(key, null);
    }
  }

  /* What a form holds, as it would be sent */
  function contentOf(form) {
    const content = {};
    for (const [name, value] of new FormData(form)) {
      if (typeof value === "string" && !SKIPPED.has(name)) (content[name] ||= []).push(value);
    }
    return content;
  }
  const isSame = (one, other) => JSON.stringify(one) === JSON.stringify(other);

  function fill(form, content) {
    for (const field of form.elements) {
      if (!field.name || SKIPPED.has(field.name) || field.type === "file" || field.type === "submit") continue;
      const values = content[field.name];
      if (field.type === "checkbox" || field.type === "radio") field.checked = Boolean(values && values.includes(field.value));
      else if (field.type === "select-multiple") for (const option of field.options) option.selected = Boolean(values && values.includes(option.value));
      else if (values && values.length) {
        const places = [...form.elements].filter((each) => each.name === field.name);
        const value = values[Math.max(0, places.indexOf(field))];
        if (value !== undefined) field.value = value;
      }
    }
    form.dispatchEvent(new CustomEvent("cm:filled", { bubbles: true, detail: content }));
  }

  function about(form) {
    return [...document.querySelectorAll("[data-draft-of]")].find((part) => part.dataset.draftOf === form.dataset.draft);
  }
  function tell(kind, form = null) {
    trouble = kind;
    for (const part of document.querySelectorAll("[data-draft-of]")) {
      const isMeant = form ? part === about(form) : [...document.querySelectorAll("form[data-dirty]")].some((each) => about(each) === part);
      for (const notice of part.querySelectorAll("[data-draft-trouble]")) notice.hidden = !(isMeant && notice.dataset.draftTrouble === kind);
    }
  }

  class Keeper {
    constructor(form) {
      Object.assign(this, { form, key: form.dataset.draft, url: form.dataset.draftUrl || "", timer: 0, request: null });
      const isFailed = form.hasAttribute("data-failed");
      const served = form.dataset.kept ? JSON.parse(form.dataset.kept) : null;
      this.first = isFailed || served ? null : contentOf(form);
      if (isFailed) this.typed();
      else this.restore(served);
      form.addEventListener("input", () => this.typed());
      form.addEventListener("change", () => this.typed());
      form.addEventListener("reset", () => setTimeout(() => this.cleared(served)));
      form.addEventListener("submit", (event) => this.sent(event));
      form.querySelector("[data-cm-clear]")?.addEventListener("click", (event) => this.dropped(event));
    }

    /* The copy of this browser is newer where the server does not have it yet */
    restore(served) {
      const kept = read(this.key);
      if (kept && kept.saved && this.url && !served) { write(this.key, null); return; }
      const content = kept && !kept.saved ? kept.content : served || (kept && kept.content);
      if (!content || isSame(content, this.first)) return;
      fill(this.form, content);
      this.form.dataset.dirty = "";
      const notice = about(this.form)?.querySelector("[data-draft-notice]");
      if (notice) notice.hidden = false;
      const panel = this.form.closest("details");
      if (panel && !document.querySelector("form[data-failed]")) panel.open = true;
      if (kept && !kept.saved) this.later();
    }

    typed() {
      if (this.isDropped) return;
      const content = contentOf(this.form);
      if (this.first && isSame(content, this.first)) {
        delete this.form.dataset.dirty;
        write(this.key, null);
      } else {
        this.form.dataset.dirty = "";
        write(this.key, { content, at: Date.now(), saved: false });
      }
      this.later();
    }
    /* Emptied by hand: what the server filled in goes too */
    cleared(served) {
      if (served) about(this.form)?.querySelector("[data-draft-notice]").requestSubmit();
      else this.typed();
    }
    /* The link that clears leads to the form as the case has it: the draft goes first */
    async dropped(event) {
      event.preventDefault();
      const { href } = event.currentTarget;
      delete this.form.dataset.dirty;
      write(this.key, null);
      await this.save({ last: true });
      location.assign(href);
    }
    later(pause = PAUSE) {
      if (!this.url) return;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.save(), pause);
    }

    /* Discarded: nothing that was still to be saved may come after it */
    drop() {
      this.isDropped = true;
      clearTimeout(this.timer);
      this.timer = 0;
      this.request?.abort();
    }

    /* True when the server has it */
    async save({ last = false } = {}) {
      clearTimeout(this.timer);
      this.timer = 0;
      if (!this.url) return true;
      this.request?.abort();
      this.request = new AbortController();
      const content = "dirty" in this.form.dataset ? contentOf(this.form) : {};
      const body = JSON.stringify(content);
      if (body.length > MOST) return true;
      try {
        const token = this.form.querySelector("[name=csrfmiddlewaretoken]").value;
        const headers = { "Content-Type": "application/json", "X-CSRFToken": token, "X-Requested-With": "XMLHttpRequest" };
        const answer = await fetch(this.url, { method: "POST", headers, body, keepalive: last, redirect: "manual", signal: this.request.signal });
        if (answer.type === "opaqueredirect" || [401, 403].includes(answer.status)) { tell("session", last ? null : this.form); return false; }
        if (answer.ok && "dirty" in this.form.dataset && isSame(content, contentOf(this.form))) write(this.key, { content, at: Date.now(), saved: true });
        if (answer.ok && trouble) tell("");
        return answer.ok || answer.status < 500;
      } catch (error) {
        if (error.name === "AbortError") return false;
        if (!last) { tell("network", this.form); this.later(10000); }
        return false;
      }
    }

    /* A double click sends once. Where the line or the session is known to be broken, the text stays and the person tries again */
    async sent(event) {
      const form = this.form;
      if (event.defaultPrevented) return;
      if (form.dataset.sending) { event.preventDefault(); return; }
      clearTimeout(this.timer);
      this.request?.abort();
      form.dataset.sending = "yes";
      if (!trouble && navigator.onLine) return;
      event.preventDefault();
      const submitter = event.submitter;
      tell("", form);
      const isFine = await this.save();
      delete form.dataset.sending;
      if (!isFine) { if (!trouble) tell("network", form); return; }
      tell("");
      form.requestSubmit(submitter && submitter.form === form ? submitter : null);
    }
  }

  tidy();
  const keepers = [...document.querySelectorAll("form[data-draft]")].map((form) => new Keeper(form));
  document.addEventListener("cm:panel", (event) => {
    for (const form of event.target.querySelectorAll("form[data-draft]")) keepers.push(new Keeper(form));
  });
  document.addEventListener("submit", (event) => {
    const part = event.target.matches("[data-draft-notice]") && event.target.closest("[data-draft-of]");
    if (!part) return;
    write(part.dataset.draftOf, null);
    for (const keeper of keepers) if (keeper.key === part.dataset.draftOf) keeper.drop();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) for (const keeper of keepers) if (keeper.timer && !keeper.form.dataset.sending) keeper.save({ last: true });
  });
  document.addEventListener("cm:trouble", (event) => { if (event.detail !== trouble) tell(event.detail); });
  /* The page may come back from the browser's cache with a form that was sent */
  addEventListener("pageshow", (event) => {
    for (const form of document.querySelectorAll("form[data-sending]")) delete form.dataset.sending;
    for (const keeper of keepers) keeper.isDropped = false;
    if (event.persisted) tidy();
  });
})();
