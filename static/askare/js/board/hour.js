/* Show the present hour, not the early morning. */
var now = tl && tl.querySelector(".hours .nowline");
if (now && tl.scrollWidth > tl.clientWidth) tl.scrollLeft = Math.max(0, now.offsetLeft - tl.clientWidth / 2);
