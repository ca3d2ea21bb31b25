/* Leaves only the custom fields of the chosen case type; without it all of them stand there, by type. */
(function () {
  "use strict";
  var type = document.querySelector("select[name=case_type]");
  var card = document.querySelector("[data-custom-fields]");
  if (!type || !card) return;

  function settle() {
    var shown = card.querySelectorAll(":scope > .cm-field").length;
    card.querySelectorAll("fieldset[data-types]").forEach(function (group) {
      var fits = group.dataset.types.trim().split(/\s+/).indexOf(type.value) !== -1;
      group.hidden = !fits;
      group.disabled = !fits;
      if (fits) shown += 1;
    });
    card.hidden = !shown;
  }

  type.addEventListener("change", settle);
  window.addEventListener("pageshow", settle);
  settle();
})();
