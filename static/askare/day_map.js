/* The day's list as pins with the list's own numbers. Everything the map can do is a button or a
   link; dragging is a bonus of Leaflet. No tiles: names of towns where the pins are. */
(function () {
  "use strict";
  var box = document.getElementById("map-box");
  if (!box) return;
  var rows = Array.prototype.slice.call(document.querySelectorAll(".maplist > li"));
  var only = document.getElementById("only-open");
  var map, pins = [], whole;

  function middle(list, key) {
    return list.reduce(function (sum, li) { return sum + parseFloat(li.dataset[key]); }, 0) / list.length;
  }
  function towns() {
    var byTown = {};
    rows.forEach(function (li) { (byTown[li.dataset.town] = byTown[li.dataset.town] || []).push(li); });
    Object.keys(byTown).forEach(function (town) {
      window.L.marker([middle(byTown[town], "lat"), middle(byTown[town], "lon")], {
        interactive: false, keyboard: false, zIndexOffset: -1000,
        icon: window.L.divIcon({ className: "town", html: "", iconSize: [0, 0] })
      }).addTo(map).getElement().textContent = town;
    });
  }
  function go(li) {
    var link = li.querySelector("a");
    rows.forEach(function (other) { other.classList.toggle("chosen", other === li); });
    link.scrollIntoView({ block: "center" });
    link.focus({ preventScroll: true });
  }
  /* Orders of one place share a pin that names all their numbers. */
  function places() {
    var found = {};
    rows.forEach(function (li) {
      var key = li.dataset.lat + "," + li.dataset.lon + ("open" in li.dataset ? ",open" : "");
      (found[key] = found[key] || []).push(li);
    });
    return Object.keys(found).map(function (key) { return found[key]; });
  }
  function label(list) {
    var numbers = list.map(function (li) { return li.id.slice(3); });
    return numbers.length > 3 ? numbers.slice(0, 2).join(", ") + " +" + (numbers.length - 2) : numbers.join(", ");
  }
  function draw() {
    var L = window.L;
    box.hidden = false;
    map = L.map("map", {
      zoomControl: false, attributionControl: false, keyboard: false, zoomAnimation: false, fadeAnimation: false
    });
    whole = L.latLngBounds(rows.map(function (li) { return [li.dataset.lat, li.dataset.lon]; }));
    map.fitBounds(whole, { padding: [34, 34], maxZoom: 13 });
    towns();
    places().forEach(function (list) {
      var first = list[0], open = "open" in first.dataset;
      var text = label(list), name = list.map(function (li) { return li.querySelector("a").textContent; }).join("; ");
      var mark = document.createElement("span");
      mark.className = "pin-no" + (open ? " open" : "");
      mark.textContent = text;
      var pin = L.marker([first.dataset.lat, first.dataset.lon], {
        title: name, riseOnHover: true,
        icon: L.divIcon({ className: "pin-box", html: mark, iconSize: [44, 44] })
      });
      pin.on("click", function () { go(first); });
      /* The element is made anew each time a hidden pin comes back. */
      pin.on("add", function () {
        var el = pin.getElement();
        el.setAttribute("aria-label", name);
        el.addEventListener("keydown", function (event) {
          if (event.key === " ") { event.preventDefault(); go(first); }
        });
      });
      pin.addTo(map);
      pins.push({ pin: pin, open: open });
    });
  }
  function hide() {
    pins.forEach(function (p) {
      if (!p.open && only.checked) p.pin.remove();
      else p.pin.addTo(map);
    });
  }
  box.addEventListener("click", function (event) {
    var button = event.target.closest("button");
    if (!button || !map) return;
    if (button.dataset.pan) {
      var by = button.dataset.pan.split(",");
      map.panBy([by[0] * 120, by[1] * 120], { animate: false });
    } else if (button.dataset.zoom) {
      map.setZoom(map.getZoom() + parseInt(button.dataset.zoom, 10), { animate: false });
    } else if ("whole" in button.dataset) {
      map.fitBounds(whole, { padding: [34, 34], maxZoom: 13, animate: false });
    }
  });
  if (only) only.addEventListener("change", hide);

  var script = document.createElement("script");
  script.src = box.dataset.leaflet;
  script.onload = draw;
  document.head.appendChild(script);
})();
