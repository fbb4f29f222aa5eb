/* The grid: one tab stop, arrows inside. */
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
