/* Leaflet is fetched when the map is opened, never before; the two number inputs are the truth.
   With data-places the names around the postcode come from there, and an address that changes
   takes its point away. */
(function () {
  "use strict";
  var box = document.querySelector("[data-map]");
  if (!box) return;
  var lat = document.getElementById("id_lat"), lon = document.getElementById("id_lon"), begun = false;
  var area = document.getElementById("id_postal_code"), street = document.getElementById("id_street");
  var PIN = '<svg viewBox="0 0 24 24" stroke="currentColor" stroke-width="2" aria-hidden="true">' +
    '<path d="M20 10c0 5-5.5 10.2-7.4 11.8a1 1 0 0 1-1.2 0C9.5 20.2 4 15 4 10a8 8 0 0 1 16 0"/>' +
    '<circle cx="12" cy="10" r="3"/></svg>';
  var map, pin, names;

  function here() {
    var first = box.querySelector("li[data-lat]");
    var from = first ? [+first.dataset.lat, +first.dataset.lon] : [61.06, 28.19];
    return lat.value && lon.value ? [parseFloat(lat.value) || from[0], parseFloat(lon.value) || from[1]] : from;
  }
  function label() {
    names.clearLayers();
    box.querySelectorAll("li[data-lat]").forEach(function (li) {
      window.L.circleMarker([+li.dataset.lat, +li.dataset.lon], { radius: 4, color: "#7E7A70", interactive: false })
        .bindTooltip(li.textContent, { permanent: true, direction: "right", className: "place" }).addTo(names);
    });
  }
  function set(point) {
    lat.value = point.lat.toFixed(6);
    lon.value = point.lng.toFixed(6);
    pin.setLatLng(point);
    /* htmx counts the price and the hint anew. */
    lon.dispatchEvent(new Event("input", { bubbles: true }));
  }
  function draw() {
    var L = window.L;
    document.getElementById("map").hidden = false;
    map = L.map("map", { attributionControl: true, zoomControl: true });
    map.attributionControl.setPrefix(false);
    map.attributionControl.addAttribution("GeoNames CC BY 4.0");
    names = L.layerGroup().addTo(map);
    label();
    pin = L.marker(here(), {
      draggable: true, alt: box.dataset.label, keyboard: false,
      icon: L.divIcon({ className: "pin", html: PIN, iconSize: [34, 34], iconAnchor: [17, 32] })
    }).addTo(map);
    pin.on("dragend", function () { set(pin.getLatLng()); });
    map.on("click", function (event) { set(event.latlng); });
    [lat, lon].forEach(function (input) {
      input.addEventListener("change", function () { pin.setLatLng(here()); map.panTo(here()); });
    });
    map.setView(here(), 12);
  }
  function places(then) {
    if (!box.dataset.places) { then(); return; }
    fetch(box.dataset.places + "?postal_code=" + encodeURIComponent(area ? area.value : ""))
      .then(function (answer) { return answer.ok ? answer.text() : ""; })
      .then(function (list) {
        var old = box.querySelector("ul[hidden]");
        if (old) old.remove();
        box.insertAdjacentHTML("beforeend", list);
        then();
      }, then);
  }
  function moved() {
    lat.value = lon.value = "";
    if (area && area.value.length === 5) {
      places(function () { if (map) { label(); pin.setLatLng(here()); map.setView(here(), 12); } });
    }
  }
  function begin() {
    if (!box.open || begun) return;
    begun = true;
    box.dataset.css.split(" ").forEach(function (href) {
      var css = document.createElement("link");
      css.rel = "stylesheet";
      css.href = href;
      document.head.appendChild(css);
    });
    var script = document.createElement("script");
    script.src = box.dataset.leaflet;
    script.onload = function () { places(draw); };
    document.head.appendChild(script);
    if (box.dataset.places) {
      [area, street].forEach(function (input) { if (input) input.addEventListener("change", moved); });
    }
  }

  box.addEventListener("toggle", begin);
  begin();
})();
