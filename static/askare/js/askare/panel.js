/* Esc: close the open panel and return to what opened it. A panel names its opener with
   data-opener="#id" and its closing link or button with data-close. */
doc.addEventListener("keydown", function (event) {
  if (event.key !== "Escape" || event.defaultPrevented) return;
  if (doc.querySelector("dialog[open], [popover]:popover-open")) return;
  var panel = event.target.closest && event.target.closest("[data-panel]");
  if (!panel) return;
  var close = panel.querySelector("[data-close]");
  var opener = panel.dataset.opener && doc.querySelector(panel.dataset.opener);
  if (close) close.click();
  if (opener) focusOn(opener);
});
