/* A link of this site that opens the board with an order leads to its panel, as a swap does. */
var asked = /[?&]order=/.test(location.search) && !/[?&]made=/.test(location.search);
if (asked && doc.referrer.indexOf(location.origin + "/") === 0 && !doc.querySelector("[data-errors]")) {
  focusOn(doc.querySelector("#panel [data-focus]"));
}
