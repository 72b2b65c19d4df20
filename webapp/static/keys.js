// Keys that work on every page.
import { plain, typing } from "./pressed.js";

const box = document.querySelector("#q");
const dialog = document.querySelector("[data-keys-dialog]");
const opener = document.querySelector("[data-keys]");

let left = false; // whether the last thing that happened was that Escape left the box

const results = () => [...document.querySelectorAll("a.open, a[data-open]")];

function go(result) {
  result.closest("details")?.setAttribute("open", ""); // the rest of a section is folded
  result.focus();
  result.closest(".hit")?.scrollIntoView({ block: "nearest" });
}

function step(event) {
  const all = results();
  const at = all.indexOf(document.activeElement);
  const next = at + (event.key === "ArrowDown" ? 1 : -1);
  if (at < 0 || next >= all.length) return;
  event.preventDefault();
  if (next < 0) box.focus();
  else go(all[next]);
}

// The first leaves the box, the second clears it.
function escape(event) {
  if (event.target === box) {
    event.preventDefault(); // browsers clear the box
    box.blur();
    left = true;
  } else if (left) {
    left = false;
    box.value = "";
    box.focus();
    box.dispatchEvent(new Event("input"));
  }
}

document.addEventListener("keydown", (event) => {
  if (!plain(event) || dialog.open) return;
  if (event.key === "Escape") return escape(event);
  left = false;
  const isArrow = event.key === "ArrowDown" || event.key === "ArrowUp";
  if (isArrow && !event.defaultPrevented) step(event); // else the box has just been left by it
  if (typing(event)) return;
  if (event.key === "/") {
    event.preventDefault();
    box.focus();
    box.select();
  } else if (event.key === "?") {
    event.preventDefault();
    dialog.showModal();
  } else if (event.key === "c") document.querySelector("[data-selection] button")?.focus();
});

box.addEventListener("leave-down", () => results().length && go(results()[0]));
addEventListener("focusin", () => (left = false));
opener.hidden = false;
opener.addEventListener("click", () => dialog.showModal());
