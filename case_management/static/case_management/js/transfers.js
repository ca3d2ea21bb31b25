/* Looks at a running export or import every two seconds; without it the "Refresh" link does the same. */
(function () {
  "use strict";

  function look() {
    var watched = document.getElementById("cm-watched");
    if (!watched || !watched.hasAttribute("data-watch")) return;
    fetch(location.href, { credentials: "same-origin", headers: { "X-Requested-With": "XMLHttpRequest" } })
      .then(function (answer) { return answer.ok ? answer.text() : Promise.reject(new Error(answer.status)); })
      .then(function (text) {
        var fresh = new DOMParser().parseFromString(text, "text/html").getElementById("cm-watched");
        /* Whoever is on a link or a button in there keeps it. */
        if (fresh && !watched.contains(document.activeElement)) watched.replaceWith(fresh);
        window.setTimeout(look, 2000);
      })
      .catch(function () { window.setTimeout(look, 10000); });
  }

  window.setTimeout(look, 2000);
})();
