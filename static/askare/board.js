/* Keys of the board. They live only while the focus is inside the board (or on nothing), never
   while somebody types, and can be switched off; every key presses a link or button of the page. */
(function () {
  "use strict";
  var doc = document;
  var board = doc.querySelector("[data-board]");
  if (!board) return;
  var box = doc.querySelector("[data-keys]");
  var keep = { get: function () { try { return localStorage.getItem("keys"); } catch (e) { return null; } },
    set: function (v) { try { localStorage.setItem("keys", v); } catch (e) { /* private window */ } } };

  if (box) {
    box.closest("label").hidden = false;
    box.checked = keep.get() !== "off";
    box.addEventListener("change", function () { keep.set(box.checked ? "on" : "off"); });
  }

  function typing(el) {
    return el && (el.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(el.tagName));
  }

  function step(by) {
    var links = Array.prototype.slice.call(doc.querySelectorAll("#lane [data-open]"));
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

  doc.addEventListener("keydown", function (event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (box && !box.checked) return;
    var here = doc.activeElement;
    if (typing(here)) return;
    if (here && here !== doc.body && !board.contains(here) && !here.matches("main, main h1")) return;
    var key = event.key;
    if (key === "j") step(1);
    else if (key === "k") step(-1);
    else if (/^[1-9]$/.test(key)) choose(key);
    else if (key === "n") doc.querySelector("[data-new]").click();
    else if (key === "/") doc.getElementById("q").focus();
    else if (key === "[") location.search = board.dataset.before;
    else if (key === "]") location.search = board.dataset.after;
    else if (key === "t") location.search = board.dataset.today;
    else if (key === "?") { var keys = doc.getElementById("keys"); keys.open = true; keys.querySelector("summary").focus(); }
    else return;
    event.preventDefault();
  });

  /* Show the present hour, not the early morning. */
  var tl = doc.getElementById("tl");
  var now = tl && tl.querySelector(".hours .nowline");
  if (now && tl.scrollWidth > tl.clientWidth) tl.scrollLeft = Math.max(0, now.offsetLeft - tl.clientWidth / 2);
})();
