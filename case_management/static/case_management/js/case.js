/* Comfort for the case page and the new-case form; both work without it. */
(function () {
  "use strict";

  var page = document.querySelector("[data-cm-case]");
  var reader = page ? page.dataset.cmReader : "";

  function say(text) {
    var place = document.getElementById("cm-said");
    if (place) place.textContent = text;
  }

  /* The timeline: expand and collapse all, other filters, and what is older, without leaving the page. */
  function unfold(open) {
    document.querySelectorAll("#cm-log details").forEach(function (entry) { entry.open = open; });
  }

  function fetchTimeline(address) {
    var url = new URL(address);
    url.searchParams.set("part", "timeline");
    return fetch(url, { headers: { "X-Requested-With": "XMLHttpRequest" } }).then(function (answer) {
      if (!answer.ok || answer.redirected) throw new Error(answer.status);
      return answer.text();
    }).then(function (text) {
      var fresh = new DOMParser().parseFromString(text, "text/html").querySelector("#cm-timeline .cm-timeline");
      if (!fresh) throw new Error("no timeline");
      return fresh;
    });
  }

  function otherTimeline(link) {
    var key = link.dataset.cmTimeline;
    fetchTimeline(link.href).then(function (fresh) {
      document.querySelector("#cm-timeline .cm-timeline").replaceWith(fresh);
      history.replaceState(null, "", link.href.replace(/#.*$/, ""));
      var again = fresh.querySelector("[data-cm-timeline=" + key + "]") || fresh.querySelector("[data-cm-timeline]");
      again.focus({ preventScroll: true });
      say(again.textContent);
    }).catch(function () { location.assign(link.href); });
  }

  function moreTimeline(link) {
    link.setAttribute("aria-busy", "true");
    fetchTimeline(link.href).then(function (fresh) {
      var log = document.getElementById("cm-log");
      var first = fresh.querySelector(".cm-entry summary");
      while (fresh.querySelector("#cm-log").firstElementChild) log.append(fresh.querySelector("#cm-log").firstElementChild);
      var next = fresh.querySelector("[data-cm-more]");
      if (next) link.replaceWith(next); else link.parentElement.remove();
      if (first) first.focus();
    }).catch(function () { location.assign(link.href); });
  }

  function isPlain(event) {
    return !(event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
  }

  document.addEventListener("click", function (event) {
    var link = isPlain(event) && event.target.closest("#cm-timeline a[data-unfold], #cm-timeline a[data-cm-timeline], #cm-timeline a[data-cm-more]");
    if (!link) return;
    event.preventDefault();
    if (link.dataset.unfold) { unfold(link.dataset.unfold === "open"); say(link.textContent); }
    else if ("cmMore" in link.dataset) moreTimeline(link);
    else otherTimeline(link);
  });

  /* A tab that is open stays open: pressing it leads to its first field. */
  function firstField(tab) {
    return tab.querySelector("[aria-invalid=true], textarea, select, input:not([type=hidden]), button");
  }

  document.addEventListener("click", function (event) {
    var summary = event.target.closest(".cm-tab > summary");
    if (!summary) return;
    event.preventDefault();
    summary.parentElement.open = true;
    var field = firstField(summary.parentElement);
    if (field && event.detail !== 1) field.focus();
    else summary.focus();
  });

  /* A form with long lists comes when its panel is opened. */
  function load(place) {
    var url = new URL(place.querySelector("a").href);
    url.searchParams.set("part", "panel");
    url.hash = "";
    place.removeAttribute("data-cm-load");
    return fetch(url, { headers: { "X-Requested-With": "XMLHttpRequest" } }).then(function (answer) {
      if (!answer.ok || answer.redirected) throw new Error(answer.status);
      return answer.text();
    }).then(function (text) {
      var fresh = new DOMParser().parseFromString(text, "text/html").querySelector("[data-cm-panel]");
      var panel = place.parentElement;
      place.replaceWith.apply(place, Array.from(fresh.childNodes));
      if (panel.contains(document.activeElement)) (firstField(panel) || panel).focus();
      panel.dispatchEvent(new CustomEvent("cm:panel", { bubbles: true }));
    });
  }

  document.addEventListener("toggle", function (event) {
    var place = event.target.open && event.target.querySelector(":scope > [data-cm-load]");
    if (place) load(place).catch(function () { location.assign(place.querySelector("a").href); });
  }, true);

  /* "Save and resolve" below a note goes on in the other tab, with what was written. */
  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-cm-hands-to]");
    var target = button && document.querySelector("#cm-panel-" + button.dataset.cmHandsTo + " form");
    if (!target) return;
    event.preventDefault();
    var form = button.form;
    ["note", "subject"].forEach(function (name) {
      var from = form.elements[name === "note" ? "text" : name];
      var to = target.elements[name];
      if (!from || !to || !from.value) return;
      to.value = to.value && name === "note" ? to.value + "\n" + from.value : from.value;
      from.value = "";
      to.dispatchEvent(new Event("input", { bubbles: true }));
      from.dispatchEvent(new Event("input", { bubbles: true }));
    });
    document.getElementById("cm-panel-" + button.dataset.cmHandsTo).open = true;
    var empty = Array.from(target.elements).find(function (field) { return field.required && !field.value; });
    (empty || firstField(target)).focus();
    say(button.textContent);
  });

  /* After "Clear" nothing typed is left to keep. */
  document.addEventListener("reset", function (event) {
    var form = event.target;
    setTimeout(function () { form.dispatchEvent(new Event("input", { bubbles: true })); });
  });

  /* Which sections are folded is remembered in this browser; on a phone the facts come folded. */
  var small = matchMedia("(max-width: 52rem)").matches;
  document.querySelectorAll("details[data-cm-remember]").forEach(function (section) {
    var key = "cm-fold:" + reader + ":" + section.dataset.cmRemember;
    var kept = null;
    try { kept = localStorage.getItem(key); } catch (error) { /* Switched off: nothing is remembered. */ }
    var holdsError = section.querySelector(".cm-errors");
    if (kept && !holdsError) section.open = kept === "open";
    else if (small && section.closest(".cm-case-facts") && !holdsError) section.open = false;
    section.querySelector("summary").addEventListener("click", function () {
      try { localStorage.setItem(key, section.open ? "closed" : "open"); } catch (error) { /* See above. */ }
    });
  });

  /* Escape puts an explanation away that covers something. */
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    document.querySelectorAll(".cm-clocks").forEach(function (tip) { tip.classList.add("cm-clocks--away"); });
  });
  document.addEventListener("focusin", function (event) {
    var tip = event.target.matches(".cm-clock") && event.target.nextElementSibling;
    if (tip) tip.classList.remove("cm-clocks--away");
  });

  /* Ctrl+Enter (or Command+Enter) sends the form that one is writing in. */
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    var form = event.target.closest("form[data-draft]");
    if (!form) return;
    event.preventDefault();
    form.requestSubmit();
  });

  var problem = document.querySelector(".cm-errors");
  if (problem) problem.focus();
})();
