/* Keys of the board, the arrow keys of its timeline, and the menu of a worker or gig. The keys live
   only while the focus is inside the board (or on nothing), never while somebody types, and can be
   switched off; each presses a link or button of the page, so everything works without them. */
(function () {
  "use strict";
  var doc = document;
  var board = doc.querySelector("[data-board]");
  if (!board) return;

  // part "board/switch.js"
  // part "board/elements.js"
  // part "board/grid.js"
  // part "board/menu.js"
  // part "board/keys.js"
  // part "board/arrival.js"
  // part "board/hour.js"
})();
