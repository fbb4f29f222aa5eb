/* What the parts of the board share. */
function all(selector, root) { return Array.prototype.slice.call((root || doc).querySelectorAll(selector)); }
function typing(el) { return el && (el.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(el.tagName)); }
function focusOn(el) { if (window.askare) window.askare.focusOn(el); else if (el) el.focus(); }
