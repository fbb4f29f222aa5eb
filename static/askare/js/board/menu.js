/* The menu of a worker or of one gig. */
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
