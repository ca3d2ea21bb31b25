/* Putting entries in order by dragging or by the arrow keys; the buttons need none of this, but stay in place with it. */
(function () {
  "use strict";

  var form = document.querySelector("[data-cm-order]");
  if (!form) return;
  var live = document.querySelector("[data-cm-said]");
  var taken = null; /* {row, before}: what is being moved, and the row that it stood before */
  var sending = false;

  function show(root) {
    root.querySelectorAll("[data-cm-needs-js], [data-cm-grip]").forEach(function (part) { part.hidden = false; });
  }

  function say(text) { live.textContent = text; }

  function filled(text, row) {
    var rows = Array.from(row.parentElement.children);
    return text.replace("%(name)s", row.querySelector("[data-cm-name]").textContent)
      .replace("%(place)d", rows.indexOf(row) + 1).replace("%(of)d", rows.length);
  }

  /* The page that the server answers with is the truth: its rows replace ours, and the focus stays on the entry. */
  function take(html, row, focus) {
    var page = new DOMParser().parseFromString(html, "text/html");
    var answered = page.querySelector("[data-cm-order]");
    if (!answered) throw new Error("not our page");
    form.replaceChildren.apply(form, Array.from(answered.childNodes));
    show(form);
    var now = form.querySelector('[data-cm-entry="' + row.dataset.cmEntry + '"]');
    var target = now && (focus === "grip" ? now.querySelector("[data-cm-grip]") : now.querySelector("[autofocus]") || now.querySelector("button:enabled"));
    if (target) target.focus();
    var done = form.querySelector("[data-cm-done]");
    var complaint = page.querySelector("[data-messages] .error, .messages .error, .messagelist .error");
    say(complaint ? complaint.textContent.trim() : done.textContent);
    if (complaint) { done.hidden = false; done.className = "cm-notice cm-notice--error"; done.textContent = complaint.textContent.trim(); }
  }

  function send(move, row, focus) {
    if (sending) return;
    sending = true;
    form.setAttribute("aria-busy", "true");
    var body = new FormData(form);
    body.set("move", move);
    fetch(form.action, { method: "POST", body: body, credentials: "same-origin" })
      .then(function (reply) { if (!reply.ok) throw new Error(reply.status); return reply.text(); })
      .then(function (html) { take(html, row, focus); })
      .catch(function () {
        var done = form.querySelector("[data-cm-done]");
        done.hidden = false;
        done.className = "cm-notice cm-notice--error";
        done.textContent = form.dataset.failed;
        say(form.dataset.failed);
      })
      .finally(function () { sending = false; form.removeAttribute("aria-busy"); });
  }

  function lift(row) {
    taken = { row: row, before: row.nextElementSibling, byPointer: null };
    row.classList.add("cm-order__taken");
    row.querySelector("[data-cm-grip]").setAttribute("aria-pressed", "true");
  }

  function drop() {
    var was = taken;
    taken = null;
    was.row.classList.remove("cm-order__taken");
    was.row.querySelector("[data-cm-grip]").setAttribute("aria-pressed", "false");
    return was;
  }

  function putDown() {
    var was = drop();
    var next = was.row.nextElementSibling;
    if (next === was.before) { say(filled(form.dataset.at, was.row)); return; }
    send(was.row.dataset.cmEntry + (next ? " before " + next.dataset.cmEntry : " last"), was.row, "grip");
  }

  function putBack() {
    var was = drop();
    was.row.parentElement.insertBefore(was.row, was.before);
    was.row.querySelector("[data-cm-grip]").focus();
    say(filled(form.dataset.back, was.row));
  }

  function place(row, before) {
    if (before === row || row.nextElementSibling === before) return;
    row.parentElement.insertBefore(row, before);
    row.querySelector("[data-cm-grip]").focus();
  }

  function step(row, way) {
    var other = way < 0 ? row.previousElementSibling : row.nextElementSibling;
    if (other) place(row, way < 0 ? other : other.nextElementSibling);
    say(filled(form.dataset.at, row));
  }

  /* Buttons. */
  form.addEventListener("submit", function (event) {
    if (!event.submitter || event.submitter.name !== "move") return;
    event.preventDefault();
    send(event.submitter.value, event.submitter.closest("[data-cm-entry]"), "button");
  });

  /* Keys, on the handle. */
  form.addEventListener("keydown", function (event) {
    var grip = event.target.closest("[data-cm-grip]");
    if (!grip || sending) return;
    var row = grip.closest("[data-cm-entry]");
    if (!taken && (event.key === "Enter" || event.key === " ")) { lift(row); say(filled(form.dataset.taken, row)); }
    else if (!taken) return;
    else if (event.key === "Enter" || event.key === " ") putDown();
    else if (event.key === "Escape") putBack();
    else if (event.key === "ArrowUp") step(taken.row, -1);
    else if (event.key === "ArrowDown") step(taken.row, 1);
    else return;
    event.preventDefault();
  });

  /* Who leaves the handle without putting the entry down has not moved it. */
  form.addEventListener("focusout", function () {
    window.setTimeout(function () {
      if (taken && taken.byPointer === null && !taken.row.contains(document.activeElement)) putBack();
    }, 0);
  });

  /* The pointer: mouse, pen or finger. */
  form.addEventListener("pointerdown", function (event) {
    var grip = event.target.closest("[data-cm-grip]");
    if (!grip || sending || taken || event.button !== 0) return;
    event.preventDefault();
    grip.focus();
    lift(grip.closest("[data-cm-entry]"));
    taken.byPointer = event.pointerId;
    form.setPointerCapture(event.pointerId);
  });
  form.addEventListener("pointermove", function (event) {
    if (!taken || taken.byPointer !== event.pointerId) return;
    var row = taken.row;
    var before = Array.from(row.parentElement.children).find(function (other) {
      var box = other.getBoundingClientRect();
      return other !== row && event.clientY < box.top + box.height / 2;
    });
    place(row, before || null);
    if (event.clientY < 60) window.scrollBy(0, -12);
    else if (event.clientY > window.innerHeight - 60) window.scrollBy(0, 12);
  });
  form.addEventListener("pointerup", function (event) { if (taken && taken.byPointer === event.pointerId) putDown(); });
  form.addEventListener("pointercancel", function (event) { if (taken && taken.byPointer === event.pointerId) putBack(); });

  show(document);
})();
