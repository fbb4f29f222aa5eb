/* After a page load: an error summary takes focus; after moving inside the site, the heading. */
function onLoad() {
  if (location.hash && doc.getElementById(location.hash.slice(1))) return;
  var errors = doc.querySelector("[data-errors]");
  if (errors) { focusOn(errors); return; }
  if (doc.querySelector("[autofocus]")) return;
  if (doc.referrer.indexOf(location.origin + "/") === 0) {
    focusOn(doc.querySelector("main h1"));
  }
}

if (doc.readyState === "loading") doc.addEventListener("DOMContentLoaded", onLoad); else onLoad();
