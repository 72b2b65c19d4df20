// Keys that work on every page.
import { plain, typing } from "./pressed.js";

const box = document.querySelector("#q");
const dialog = document.querySelector("[data-keys-dialog]");
const opener = document.querySelector("[data-keys]");

const results = () => [...document.querySelectorAll("a.open")];

function step(event) {
  const all = results();
  const at = all.indexOf(document.activeElement);
  const next = at + (event.key === "ArrowDown" ? 1 : -1);
  if (at < 0 || next >= all.length) return;
  event.preventDefault();
  if (next < 0) box.focus();
  else all[next].focus();
}

document.addEventListener("keydown", (event) => {
  if (!plain(event) || dialog.open) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") step(event);
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

box.addEventListener("leave-down", () => results()[0]?.focus());
opener.hidden = false;
opener.addEventListener("click", () => dialog.showModal());
