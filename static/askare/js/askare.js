/* Small helpers of every page. Nothing here is needed for a page to work: it only makes
   focus, double clicks and htmx answers behave. No eval, no inline handlers. */
(function () {
  "use strict";
  var doc = document;

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

  if (doc.readyState === "loading") doc.addEventListener("DOMContentLoaded", onLoad); else onLoad();
  window.askare = { say: say, focusOn: focusOn };
})();
