/* Single keys. */
function step(by) {
  var links = all("#lane [data-open]");
  if (!links.length) return;
  var at = links.findIndex(function (a) { return a === doc.activeElement; });
  if (at < 0) at = links.findIndex(function (a) { return a.hasAttribute("aria-current"); });
  var next = links[Math.max(0, Math.min(links.length - 1, at < 0 ? (by > 0 ? 0 : links.length - 1) : at + by))];
  next.focus();
  next.click();
}

function choose(n) {
  var target = doc.querySelector("#panel [data-choose='" + n + "']");
  if (!target) return;
  target.focus();
  target.click();
  if (target.tagName === "SUMMARY") {
    var field = target.parentElement.querySelector("input[name=override_reason]");
    if (field && target.parentElement.open) field.focus();
  }
}

function press(key) {
  if (key === "/") { doc.getElementById("q").focus(); return true; }
  var el = all("[data-key]").find(function (a) { return a.dataset.key === key; });
  if (el) el.click();
  return Boolean(el);
}

doc.addEventListener("keydown", function (event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (box && !box.checked) return;
  if (doc.querySelector("dialog[open], [popover]:popover-open")) return;
  var here = doc.activeElement;
  if (typing(here)) return;
  if (here && here !== doc.body && !board.contains(here) && !here.matches("main, main h1")) return;
  var key = event.key;
  if (key === "j") step(1);
  else if (key === "k") step(-1);
  else if (/^[1-9]$/.test(key)) choose(key);
  else if (key === "a") { if (!menuOf(here)) return; }
  else if (key === "p") { if (!menuOf(here, "[data-away]")) return; }
  else if (!/^[/[\]tdwmnu?]$/.test(key) || !press(key)) return;
  event.preventDefault();
});
