function focusOn(el) {
  if (!el) return;
  if (!el.hasAttribute("tabindex") && !/^(A|BUTTON|INPUT|SELECT|TEXTAREA|SUMMARY)$/.test(el.tagName)) {
    el.setAttribute("tabindex", "-1");
  }
  el.focus({ preventScroll: el.tagName === "H1" });
}

/* One sentence for screen readers. */
function say(text) {
  var live = doc.getElementById("live");
  if (!live || !text) return;
  live.textContent = "";
  window.setTimeout(function () { live.textContent = text; }, 60);
}
