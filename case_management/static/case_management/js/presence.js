// Who else is on this case, and what was said since it was opened; asked every ten seconds while the page is looked at.
(() => {
  "use strict";
  const EVERY = 10000, TYPING_FOR = 8000, AT_MOST = 2000;
  const part = document.querySelector("[data-cm-pulse]");
  if (!part) return;
  const people = part.querySelector("[data-cm-people]"), said = part.querySelector("[data-cm-people-said]"), news = part.querySelector("[data-cm-news]");
  const token = document.querySelector("[name=csrfmiddlewaretoken]");
  if (!token) return;
  const state = { typing: "", typedAt: 0, told: "", beatAt: 0, timer: 0, seen: part.dataset.seen, failures: 0 };

  const typing = () => (Date.now() - state.typedAt < TYPING_FOR ? state.typing : "");
  function later(pause) {
    clearTimeout(state.timer);
    state.timer = setTimeout(beat, pause);
  }

  async function beat() {
    clearTimeout(state.timer);
    if (document.hidden) return;
    state.beatAt = Date.now();
    state.told = typing();
    const body = new URLSearchParams({ typing: state.told, seen: state.seen });
    const headers = { "X-CSRFToken": token.value, "X-Requested-With": "XMLHttpRequest" };
    try {
      const answer = await fetch(part.dataset.cmPulse, { method: "POST", headers, body, redirect: "manual" });
      if (answer.type === "opaqueredirect" || answer.status === 403) return trouble("session");
      if (answer.status === 404) return;
      if (!answer.ok) throw new Error(answer.status);
      show(await answer.json());
      if (state.failures) trouble("");
      state.failures = 0;
    } catch {
      state.failures += 1;
      if (state.failures > 1 || !navigator.onLine) trouble("network");
    }
    later(EVERY * Math.min(2 ** Math.max(0, state.failures - 1), 8));
  }
  function trouble(kind) {
    document.dispatchEvent(new CustomEvent("cm:trouble", { detail: kind }));
  }

  function show(answer) {
    const words = answer.people.map((person) => person.words).join(", ");
    if (words !== said.dataset.words) {
      said.dataset.words = words;
      said.textContent = words;
      people.replaceChildren(...answer.people.map(entry));
      people.hidden = answer.people.length === 0;
    }
    if (!answer.news) return;
    part.querySelector("[data-cm-news-what]").textContent = answer.news;
    part.querySelector("[data-cm-news-more]").textContent = answer.more;
    const excerpt = part.querySelector("[data-cm-news-excerpt]");
    excerpt.textContent = answer.excerpt;
    excerpt.hidden = !answer.excerpt;
    news.hidden = false;
    state.seen = String(answer.upto);
  }
  function entry(person) {
    const line = document.createElement("li"), mark = document.createElement("span"), words = document.createElement("bdi");
    mark.className = "cm-initials";
    mark.setAttribute("aria-hidden", "true");
    mark.textContent = person.initials;
    words.textContent = person.words;
    line.append(mark, " ", words);
    return line;
  }

  /* Show: fresh parts in place of the old ones, the forms stay as they are */
  part.querySelector("[data-cm-news-show]").addEventListener("click", async (event) => {
    if (event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const address = new URL(event.currentTarget.href);
    try {
      const answer = await fetch(address, { redirect: "manual" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const pulse = page.querySelector("[data-cm-pulse]");
      if (!answer.ok || !pulse) throw new Error(answer.status);
      for (const fresh of page.querySelectorAll("[data-cm-fresh]")) {
        const old = document.getElementById(fresh.id);
        if (old && !old.querySelector("form[data-dirty]")) old.replaceWith(document.adoptNode(fresh));
      }
      for (const field of document.querySelectorAll("form[data-draft] input[type=hidden][name=seen]")) field.value = pulse.dataset.seen;
      state.seen = pulse.dataset.seen;
      news.hidden = true;
      const log = document.querySelector("[data-cm-fresh=log]");
      if (log) { log.open = true; log.tabIndex = -1; log.focus({ preventScroll: true }); log.scrollIntoView({ block: "start" }); }
      document.dispatchEvent(new CustomEvent("cm:shown"));
    } catch { location.assign(address); }
  });

  document.addEventListener("input", (event) => {
    const form = event.target.closest?.("form[data-draft]");
    if (!form) return;
    state.typing = form.dataset.draft.split("/").pop();
    state.typedAt = Date.now();
    if (state.told !== state.typing) later(Math.max(0, AT_MOST - (Date.now() - state.beatAt)));
  });
  document.addEventListener("visibilitychange", beat);
  addEventListener("online", beat);
  addEventListener("pageshow", (event) => { if (event.persisted) beat(); });
  addEventListener("pagehide", () => {
    const body = new FormData();
    body.append("csrfmiddlewaretoken", token.value);
    body.append("leaving", "1");
    navigator.sendBeacon(part.dataset.cmPulse, body);
  });
  beat();
})();
