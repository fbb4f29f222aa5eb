/* htmx: focus goes back to the same control by id, else to the heading of the new part. */
var held = "";
doc.addEventListener("htmx:beforeRequest", function (event) {
  var target = event.detail.target;
  if (target) target.setAttribute("aria-busy", "true");
});
doc.addEventListener("htmx:afterRequest", function (event) {
  if (event.detail.target) event.detail.target.removeAttribute("aria-busy");
  release(event.detail.elt && event.detail.elt.closest ? event.detail.elt.closest("form") || doc : doc);
  if (event.detail.elt && event.detail.elt.dataset) delete event.detail.elt.dataset.sent;
});
doc.addEventListener("htmx:beforeSwap", function () {
  held = doc.activeElement && doc.activeElement !== doc.body ? doc.activeElement.id : "";
});
doc.addEventListener("htmx:afterSettle", function (event) {
  var part = event.detail.elt || doc;
  var errors = part.querySelector && part.querySelector("[data-errors]");
  if (errors) { focusOn(errors); return; }
  var wanted = part.querySelector && part.querySelector("[data-focus]");
  if (wanted) { focusOn(wanted); return; }
  if (doc.activeElement && doc.activeElement !== doc.body) return;
  focusOn((held && doc.getElementById(held)) || (part.querySelector && part.querySelector("h1,h2,h3")));
});
["htmx:sendError", "htmx:timeout", "htmx:responseError"].forEach(function (name) {
  doc.addEventListener(name, function (event) {
    release();
    say(doc.body.dataset.failed);
    var target = event.detail.target;
    var box = doc.getElementById("failed");
    if (target && box) {
      var copy = box.content.cloneNode(true);
      var old = target.querySelector("[data-failed]");
      if (old) old.remove();
      target.prepend(copy);
    }
  });
});
