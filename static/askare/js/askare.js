/* Small helpers of every page. Nothing here is needed for a page to work: it only makes
   focus, double clicks and htmx answers behave. No eval, no inline handlers. */
(function () {
  "use strict";
  var doc = document;

  // part "askare/focus.js"
  // part "askare/sending.js"
  // part "askare/panel.js"
  // part "askare/controls.js"
  // part "askare/answers.js"
  // part "askare/arrival.js"

  window.askare = { say: say, focusOn: focusOn };
})();
