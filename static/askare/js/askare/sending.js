/* A second press of the same button does nothing; the server is safe against it anyway. */
doc.addEventListener("submit", function (event) {
  var form = event.target;
  if (event.defaultPrevented || form.method === "get" || form.method === "dialog") return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  var button = event.submitter || form.querySelector("[type=submit], button:not([type])");
  if (button) button.setAttribute("aria-busy", "true");
});
function release(root) {
  (root || doc).querySelectorAll("form[data-sent]").forEach(function (form) { delete form.dataset.sent; });
  (root || doc).querySelectorAll("button[aria-busy]").forEach(function (b) { b.removeAttribute("aria-busy"); });
}
window.addEventListener("pageshow", function (event) { if (event.persisted) release(); });
