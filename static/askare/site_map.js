/* Leaflet is fetched when the map is opened, never before; the two number inputs are the truth. */
(function () {
  "use strict";
  var box = document.querySelector("[data-map]");
  if (!box) return;
  var lat = document.getElementById("id_lat"), lon = document.getElementById("id_lon"), begun = false;
  var PIN = '<svg viewBox="0 0 24 24" stroke="currentColor" stroke-width="2" aria-hidden="true">' +
    '<path d="M20 10c0 5-5.5 10.2-7.4 11.8a1 1 0 0 1-1.2 0C9.5 20.2 4 15 4 10a8 8 0 0 1 16 0"/><circle cx="12" cy="10" r="3"/></svg>';

  function draw() {
    var L = window.L;
    var map = L.map("map", { attributionControl: true, zoomControl: true });
    map.attributionControl.setPrefix(false);
    map.attributionControl.addAttribution("GeoNames CC BY 4.0");
    box.querySelectorAll("li[data-lat]").forEach(function (li) {
      L.circleMarker([+li.dataset.lat, +li.dataset.lon], { radius: 4, color: "#7E7A70", interactive: false })
        .bindTooltip(li.textContent, { permanent: true, direction: "right", className: "place" }).addTo(map);
    });
    function here() { return [parseFloat(lat.value) || 61.06, parseFloat(lon.value) || 28.19]; }
    var pin = L.marker(here(), {
      draggable: true, alt: box.dataset.label, keyboard: false,
      icon: L.divIcon({ className: "pin", html: PIN, iconSize: [34, 34], iconAnchor: [17, 32] })
    }).addTo(map);
    function set(point) {
      lat.value = point.lat.toFixed(6);
      lon.value = point.lng.toFixed(6);
      pin.setLatLng(point);
    }
    pin.on("dragend", function () { set(pin.getLatLng()); });
    map.on("click", function (event) { set(event.latlng); });
    [lat, lon].forEach(function (input) {
      input.addEventListener("change", function () { pin.setLatLng(here()); map.panTo(here()); });
    });
    map.setView(here(), 12);
  }

  box.addEventListener("toggle", function () {
    if (!box.open || begun) return;
    begun = true;
    var css = document.createElement("link");
    css.rel = "stylesheet";
    css.href = box.dataset.css;
    document.head.appendChild(css);
    var script = document.createElement("script");
    script.src = box.dataset.leaflet;
    script.onload = draw;
    document.head.appendChild(script);
  });
})();
