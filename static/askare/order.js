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
  /* The map costs 45 kB: its script is fetched when somebody opens it, or comes back to it open. */
  var box = form.querySelector("[data-map]");
  function fetchMap() {
    if (!box.open || box.dataset.fetched) return;
    box.dataset.fetched = "1";
    var script = document.createElement("script");
    script.src = box.dataset.script;
    document.head.appendChild(script);
  }
  if (box) { box.addEventListener("toggle", fetchMap); fetchMap(); }
  form.addEventListener("change", show);
  window.addEventListener("pageshow", show);
  show();
})();
