/* The order form: the "other" inputs appear when "other" is chosen. Without scripts all are there. */
(function () {
  "use strict";
  var form = document.querySelector("form[data-other]");
  if (!form) return;
  form.querySelectorAll("[data-noscript]").forEach(function (el) { el.hidden = true; });
  function show() {
    form.querySelectorAll("[data-other-of]").forEach(function (box) {
      var chosen = form.querySelector("input[name=" + box.dataset.otherOf + "]:checked");
      box.hidden = !(chosen && chosen.value === "other");
    });
    var site = form.querySelector("select[name=site]");
    var address = form.querySelector("[data-address]");
    if (site && address) address.hidden = site.value !== "";
  }
  form.addEventListener("change", show);
  window.addEventListener("pageshow", show);
  show();
})();
