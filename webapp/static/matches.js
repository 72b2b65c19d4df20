// Steps through the matches of an article: buttons, n and p, and "3 of 14".
import { plain, typing } from "./pressed.js";

const marks = [...document.querySelectorAll(".article h1 mark, .prose mark:not(.selected)")];
const bar = document.querySelector("[data-matches]"); // of a long article, it knows of other parts
const before = Number(bar.dataset.before ?? 0);
const position = document.querySelector("[data-position]");
let at = -1;

function show(number) {
  at = (number + marks.length) % marks.length;
  document.querySelector("mark[data-current]")?.removeAttribute("data-current");
  marks[at].dataset.current = "";
  position.textContent = `${(before + at + 1).toLocaleString("en")} of `;
}

function step(by) {
  // From nowhere, the first step goes to the match nearest below the top of the window.
  if (at < 0) {
    const below = marks.findIndex((mark) => mark.getBoundingClientRect().top >= 0);
    at = (below < 0 ? marks.length : below) - (by > 0 ? 1 : 0);
  }
  const away = at + by < 0 ? bar.dataset.previous : at + by < marks.length ? "" : bar.dataset.next;
  if (away) location.assign(away);
  else if (marks.length) reach(at + by);
}

function reach(number) {
  show(number);
  marks[at].closest("details")?.setAttribute("open", "");
  marks[at].scrollIntoView({ block: "center" });
}

function settle() {
  const end = { "#match.first": 0, "#match.last": marks.length - 1 }[location.hash];
  if (end >= 0 && marks.length) return reach(end);
  const target = document.getElementById(decodeURIComponent(location.hash).slice(1));
  if (!target) return;
  const first = marks.findIndex((mark) => target.contains(mark) || target.compareDocumentPosition(mark) & 4);
  if (first >= 0) show(first);
}

for (const button of document.querySelectorAll("[data-step]")) {
  button.hidden = false;
  button.addEventListener("click", () => step(Number(button.dataset.step)));
}
document.addEventListener("keydown", (event) => {
  if (typing(event) || !plain(event) || document.querySelector("dialog[open]")) return;
  if (event.key === "n") step(1);
  if (event.key === "p") step(-1);
});
addEventListener("hashchange", settle);
settle();
