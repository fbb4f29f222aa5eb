/* The week's grid: each select becomes a button that a tap moves on to the next answer.
   Without this script the selects themselves do the work. */
(function () {
  "use strict";
  var SIGNS = { no: "–", can: "✓", prefer: "★" };

  function show(select, button) {
    var text = select.options[select.selectedIndex].text;
    button.dataset.value = select.value;
    button.firstChild.textContent = SIGNS[select.value] || text;
    button.lastChild.textContent = text;
    button.setAttribute("aria-label", select.dataset.name + ": " + text);
  }

  document.querySelectorAll("select[data-cycle]").forEach(function (select) {
    var label = document.querySelector("label[for='" + select.id + "']");
    select.dataset.name = label ? label.textContent.trim() : "";
    var button = document.createElement("button");
    button.type = "button";
    button.className = "cycle";
    button.appendChild(document.createElement("span"));
    button.appendChild(document.createElement("small"));
    button.addEventListener("click", function () {
      select.selectedIndex = (select.selectedIndex + 1) % select.options.length;
      show(select, button);
      if (window.askare) window.askare.say(button.getAttribute("aria-label"));
    });
    select.hidden = true;
    select.after(button);
    show(select, button);
  });
})();
