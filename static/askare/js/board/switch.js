/* The switch of the keys; the browser remembers it. */
var box = doc.querySelector("[data-keys]");
var keep = { get: function () { try { return localStorage.getItem("keys"); } catch (e) { return null; } },
  set: function (v) { try { localStorage.setItem("keys", v); } catch (e) { /* private window */ } } };

if (box) {
  doc.getElementById("keys-open").hidden = false;
  box.checked = keep.get() !== "off";
  box.addEventListener("change", function () { keep.set(box.checked ? "on" : "off"); });
}
