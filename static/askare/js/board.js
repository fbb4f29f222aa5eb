/* Keys of the board, the arrow keys of its timeline, and the menu of a worker or gig. The keys live
   only while the focus is inside the board (or on nothing), never while somebody types, and can be
   switched off; each presses a link or button of the page, so everything works without them. */
(function () {
  "use strict";
  var doc = document;
  var board = doc.querySelector("[data-board]");
  if (!board) return;
  var box = doc.querySelector("[data-keys]");
  var keep = { get: function () { try { return localStorage.getItem("keys"); } catch (e) { return null; } },
    set: function (v) { try { localStorage.setItem("keys", v); } catch (e) { /* private window */ } } };

  if (box) {
    doc.getElementById("keys-open").hidden = false;
    box.checked = keep.get() !== "off";
    box.addEventListener("change", function () { keep.set(box.checked ? "on" : "off"); });
  }

  function all(selector, root) { return Array.prototype.slice.call((root || doc).querySelectorAll(selector)); }
  function typing(el) { return el && (el.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(el.tagName)); }
  function focusOn(el) { if (window.askare) window.askare.focusOn(el); else if (el) el.focus(); }

  /* -------------------------------------------------- the grid: one tab stop, arrows inside */
  var tl = doc.getElementById("tl");
  var GOES = "a, [tabindex]";

  function rows() { return all(".line", tl); }
  function stops(row) { return all(GOES, row); }

  function asGrid() {
    tl.setAttribute("role", "grid");
    tl.removeAttribute("tabindex");
    all(".hours, .line", tl).forEach(function (row) { row.setAttribute("role", "row"); });
    all(".hours .who", tl).forEach(function (who) { who.setAttribute("role", "columnheader"); });
    rows().forEach(function (row) {
      row.querySelector(".who").setAttribute("role", "rowheader");
      var lane = row.querySelector(".lane-t");
      var gigs = all("a.gig", lane);
      if (!gigs.length) lane.setAttribute("role", "gridcell");
      gigs.forEach(function (gig) {
        var cell = doc.createElement("div");
        cell.className = "cell";
        cell.setAttribute("role", "gridcell");
        lane.insertBefore(cell, gig);
        cell.appendChild(gig);
      });
      stops(row).forEach(function (a) { a.tabIndex = -1; });
    });
    var first = tl.querySelector(".line a");
    if (first) first.tabIndex = 0;
    tl.addEventListener("focusin", function (event) {
      var stop = event.target.closest(GOES);
      if (!stop || !tl.contains(stop)) return;
      all("[tabindex='0']", tl).forEach(function (el) { el.tabIndex = -1; });
      stop.tabIndex = 0;
    });
    tl.addEventListener("keydown", walk);
  }

  /* The stop of another row that is nearest on the clock; a name leads to a name. */
  function nearest(row, from) {
    var targets = stops(row);
    var place = all(".who a", from.closest(".line")).indexOf(from);
    if (place >= 0) return targets[place];
    var box = from.getBoundingClientRect(), middle = box.left + box.width / 2;
    var best = targets[0], least = Infinity;
    targets.forEach(function (el) {
      if (!el.matches(".gig")) return;
      var b = el.getBoundingClientRect();
      var off = middle < b.left ? b.left - middle : middle > b.right ? middle - b.right : 0;
      if (off < least) { least = off; best = el; }
    });
    return best;
  }

  function walk(event) {
    if (event.altKey || event.metaKey || event.shiftKey) return;
    var here = event.target.closest(GOES);
    var row = here && here.closest(".line");
    if (!row) return;
    var lines = rows(), at = lines.indexOf(row), line = stops(row), x = line.indexOf(here), to = null;
    if (event.ctrlKey && event.key !== "Home" && event.key !== "End") return;
    switch (event.key) {
      case "ArrowRight": to = line[x + 1]; break;
      case "ArrowLeft": to = line[x - 1]; break;
      case "ArrowDown": to = lines[at + 1] && nearest(lines[at + 1], here); break;
      case "ArrowUp": to = lines[at - 1] && nearest(lines[at - 1], here); break;
      case "PageDown": to = nearest(lines[Math.min(at + 5, lines.length - 1)], here); break;
      case "PageUp": to = nearest(lines[Math.max(at - 5, 0)], here); break;
      case "Home": to = event.ctrlKey ? stops(lines[0])[0] : line[0]; break;
      case "End": to = event.ctrlKey ? stops(lines[lines.length - 1]).pop() : line[line.length - 1]; break;
      default: return;
    }
    event.preventDefault();
    if (to) to.focus();
  }

  if (tl) asGrid();

  /* -------------------------------------------------- the menu of a worker or of one gig */
  var menu = doc.getElementById("menu");
  var opener = null;

  function place(el) {
    var b = el.getBoundingClientRect();
    menu.style.setProperty("--x", Math.max(8, Math.min(b.left, window.innerWidth - menu.offsetWidth - 8)) + "px");
    var below = b.bottom + 4;
    if (below + menu.offsetHeight > window.innerHeight - 8) below = Math.max(8, b.top - menu.offsetHeight - 4);
    menu.style.setProperty("--y", below + "px");
  }

  function openMenu(from, url, start) {
    opener = from;
    from.setAttribute("aria-busy", "true");
    return fetch(url, { headers: { "HX-Request": "true" }, credentials: "same-origin" }).then(function (answer) {
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      return answer.text();
    }).then(function (html) {
      doc.getElementById("menu-body").innerHTML = html;
      menu.showPopover();
      place(from);
      focusOn((start && menu.querySelector(start)) || menu.querySelector("a, button"));
    }).catch(function () { location.href = url; }).finally(function () { from.removeAttribute("aria-busy"); });
  }

  /* The menu belongs to what has the focus: one gig, or everything of a worker. */
  function menuOf(el, start) {
    var row = el && el.closest(".line, .rowlist.people > li");
    var dots = row && row.querySelector(".dots");
    if (!dots || !menu) return false;
    var gig = el.closest(".gig");
    var ref = gig && (gig.getAttribute("href") || "").match(/orders\/([0-9a-f-]{36})/);
    openMenu(el, dots.getAttribute("href") + (ref ? "&order=" + ref[1] : ""), start);
    return true;
  }

  if (menu && menu.showPopover) {
    doc.addEventListener("click", function (event) {
      var dots = event.target.closest(".dots");
      if (!dots || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      openMenu(dots, dots.getAttribute("href"));
    });
    board.addEventListener("contextmenu", function (event) {
      /* The menu key and Shift+F10 have no pointer behind them; a mouse keeps the browser's own. */
      if (event.button !== 2 || event.pointerType === "") { if (menuOf(doc.activeElement)) event.preventDefault(); }
    });
    menu.addEventListener("toggle", function (event) {
      var here = doc.activeElement;
      if (event.newState === "closed" && opener && (here === doc.body || menu.contains(here))) focusOn(opener);
    });
  }

  /* -------------------------------------------------- single keys */
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

  /* A link of this site that opens the board with an order leads to its panel, as a swap does. */
  var asked = /[?&]order=/.test(location.search) && !/[?&]made=/.test(location.search);
  if (asked && doc.referrer.indexOf(location.origin + "/") === 0 && !doc.querySelector("[data-errors]")) {
    focusOn(doc.querySelector("#panel [data-focus]"));
  }

  /* Show the present hour, not the early morning. */
  var now = tl && tl.querySelector(".hours .nowline");
  if (now && tl.scrollWidth > tl.clientWidth) tl.scrollLeft = Math.max(0, now.offsetLeft - tl.clientWidth / 2);
})();
