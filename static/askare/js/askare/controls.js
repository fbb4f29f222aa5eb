/* Things the browser can do and a link cannot. */
doc.addEventListener("click", function (event) {
  var el = event.target.closest("[data-print],[data-copy],[data-dialog]");
  if (!el) return;
  if (el.hasAttribute("data-print")) { event.preventDefault(); window.print(); }
  if (el.dataset.copy && navigator.clipboard) {
    navigator.clipboard.writeText(el.dataset.copy).then(function () { say(el.dataset.done); });
  }
  if (el.dataset.dialog) {
    var dialog = doc.getElementById(el.dataset.dialog);
    if (dialog && dialog.showModal) { event.preventDefault(); dialog.showModal(); }
  }
});
/* A form with data-autosend is sent when a choice changes; without scripts its button does it. */
doc.addEventListener("change", function (event) {
  var form = event.target.form;
  if (form && form.hasAttribute("data-autosend")) form.requestSubmit();
});
