/* Comfort for the case page and the new-case form; both work without it. */
(function () {
  "use strict";

  /* Expand and collapse all events. */
  document.querySelectorAll("[data-needs-js]").forEach(function (part) { part.hidden = false; });
  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-unfold]");
    if (!button) return;
    document.querySelectorAll("#cm-log details").forEach(function (entry) {
      entry.open = button.dataset.unfold === "open";
    });
  });

  /* Ctrl+Enter (or Command+Enter) sends the form that one is writing in. */
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    var form = event.target.closest("form[data-draft]");
    if (!form) return;
    event.preventDefault();
    form.requestSubmit();
  });

  /* What was typed and not sent stays for this tab of the browser, until it is sent or the tab is closed. */
  var PREFIX = "cm-draft:";
  var SENT = "cm-sent";

  function isWritten(field) {
    return field.name && field.matches("textarea, input[type=text], input[type=email], input[type=tel]");
  }

  function written(form) {
    return Array.from(form.elements).filter(isWritten);
  }

  function read(key) {
    try { return JSON.parse(sessionStorage.getItem(key)); } catch (error) { return null; }
  }

  function write(key, value) {
    try {
      if (value) sessionStorage.setItem(key, JSON.stringify(value));
      else sessionStorage.removeItem(key);
    } catch (error) { /* Storage is full or switched off: the page works without drafts. */ }
  }

  function keep(form) {
    var texts = {};
    written(form).forEach(function (field) { if (field.value !== field.defaultValue) texts[field.name] = field.value; });
    write(PREFIX + form.dataset.draft, Object.keys(texts).length ? texts : null);
  }

  function restore(form) {
    var texts = read(PREFIX + form.dataset.draft);
    if (!texts) return;
    written(form).forEach(function (field) {
      if (typeof texts[field.name] === "string" && !field.value) field.value = texts[field.name];
    });
  }

  var sent = read(SENT);
  write(SENT, null);
  document.querySelectorAll("form[data-draft]").forEach(function (form) {
    var failed = form.hasAttribute("data-failed");
    if (sent === form.dataset.draft && !failed) write(PREFIX + sent, null);
    if (!failed) restore(form);
    form.addEventListener("input", function () { keep(form); });
    form.addEventListener("submit", function (event) {
      if (form.dataset.sending) { event.preventDefault(); return; }
      form.dataset.sending = "yes";
      write(SENT, form.dataset.draft);
    });
  });
  /* The page may come back from the browser's cache with a form that was sent. */
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sending]").forEach(function (form) { delete form.dataset.sending; });
  });

  var problem = document.querySelector(".cm-errors");
  if (problem) problem.focus();
})();
