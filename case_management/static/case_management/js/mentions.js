/* Suggests whom a note can call on with @name; what is typed without it works as well. */
(function () {
  "use strict";

  var CALL = /(^|[^\w.@+-])@([\p{L}\p{N}_.@+-]{1,150})$/u;
  var CALLS = /(?:^|[^\w.@+-])(@[\p{L}\p{N}_.@+-]{1,150})/gu;
  var number = 0;

  function ask(field, query) {
    var address = new URL("../" + field.dataset.cmMentions, field.form.action);
    Object.keys(query).forEach(function (key) { address.searchParams.set(key, query[key]); });
    return fetch(address, { headers: { Accept: "application/json" }, credentials: "same-origin" })
      .then(function (reply) { return reply.ok ? reply.json() : { people: [], unknown: [] }; })
      .catch(function () { return { people: [], unknown: [] }; });
  }

  function outfit(field) {
    var id = "cm-people-" + (number += 1);
    var list = document.createElement("ul");
    var hint = document.createElement("p");
    var waiting = 0;
    var asked = 0;
    var marked = -1;

    list.id = id;
    list.className = "cm-people";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", field.dataset.cmMentionsLabel || "@");
    list.hidden = true;
    hint.className = "cm-help";
    hint.setAttribute("role", "status");
    field.after(list, hint);
    field.setAttribute("role", "combobox");
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-controls", id);
    field.setAttribute("aria-expanded", "false");

    function close() {
      list.hidden = true;
      list.replaceChildren();
      marked = -1;
      field.setAttribute("aria-expanded", "false");
      field.removeAttribute("aria-activedescendant");
    }

    function mark(place) {
      var options = list.children;
      if (!options.length) return;
      marked = (place + options.length) % options.length;
      Array.from(options).forEach(function (option, at) {
        option.setAttribute("aria-selected", at === marked ? "true" : "false");
      });
      field.setAttribute("aria-activedescendant", options[marked].id);
      options[marked].scrollIntoView({ block: "nearest" });
    }

    function take(option) {
      var before = field.value.slice(0, field.selectionStart).replace(/@[^@\s]*$|@\S*$/u, "");
      var found = CALL.exec(field.value.slice(0, field.selectionStart));
      if (found) before = field.value.slice(0, field.selectionStart - found[2].length - 1);
      var after = field.value.slice(field.selectionStart);
      var written = "@" + option.dataset.name + (after.startsWith(" ") ? "" : " ");
      field.value = before + written + after;
      field.setSelectionRange(before.length + written.length, before.length + written.length);
      close();
      field.focus();
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }

    function show(people) {
      close();
      people.forEach(function (one, at) {
        var option = document.createElement("li");
        option.id = id + "-" + at;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.dataset.name = one.name;
        option.textContent = one.label === one.name ? "@" + one.name : one.label + " @" + one.name;
        option.addEventListener("mousedown", function (event) { event.preventDefault(); take(option); });
        list.append(option);
      });
      if (!people.length) return;
      list.hidden = false;
      field.setAttribute("aria-expanded", "true");
      mark(0);
    }

    function look() {
      var found = CALL.exec(field.value.slice(0, field.selectionStart));
      var question = (asked += 1);
      if (!found) { close(); return; }
      ask(field, { q: found[2] }).then(function (reply) { if (question === asked) show(reply.people); });
    }

    function check() {
      var calls = Array.from(field.value.matchAll(CALLS), function (found) { return found[1]; });
      if (!calls.length) { hint.textContent = ""; return; }
      ask(field, { named: calls.join(" ") }).then(function (reply) {
        var names = reply.unknown.map(function (name) { return "@" + name; }).join(", ");
        hint.textContent = names ? (field.dataset.cmMentionsUnknown || "%s").replace("%s", names) : "";
      });
    }

    field.addEventListener("input", function () {
      clearTimeout(waiting);
      waiting = setTimeout(look, 150);
    });
    field.addEventListener("blur", function () { close(); check(); });
    field.addEventListener("keydown", function (event) {
      if (list.hidden) return;
      if (event.key === "ArrowDown") mark(marked + 1);
      else if (event.key === "ArrowUp") mark(marked - 1);
      else if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey) || event.key === "Tab") take(list.children[marked]);
      else if (event.key === "Escape") close();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
  }

  document.querySelectorAll("textarea[data-cm-mentions]").forEach(outfit);
})();
