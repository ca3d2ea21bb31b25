/* Another field or comparison asks for other inputs: fetch them at once. Without this the button “Read it again” does. */
(() => {
  "use strict";
  document.addEventListener("change", (event) => {
    const form = event.target.closest("[data-cm-rule]");
    if (!form || !event.target.matches("[data-cm-refresh], select[name=occasion]")) return;
    const look = form.querySelector("button[value=look]");
    if (look) form.requestSubmit(look);
  });
})();
