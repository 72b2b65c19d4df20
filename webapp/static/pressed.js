// What a key press means: whether it is typing, and whether it stands alone.
export const typing = (event) =>
  event.target.closest("input, textarea, select, [contenteditable]") !== null;

// AltGr counts as Ctrl and Alt together on some systems, and some layouts need it for a /.
export const plain = (event) =>
  !event.metaKey && (event.getModifierState("AltGraph") || !(event.ctrlKey || event.altKey));
