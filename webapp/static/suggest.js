// Completions of what is typed: a combobox with its list in one row.
import { recall, remember } from "./recent.js";

const box = document.querySelector("#q");
const list = document.querySelector("#suggestions");
let asked = 0;
let active = -1;
let timer;

const atEnd = () => box.selectionStart === box.value.length;
const options = () => [...list.children];

function show(found) {
  active = -1;
  box.removeAttribute("aria-activedescendant");
  list.replaceChildren(
    ...found.map(({ text, kind, label, link = "" }, number) => {
      const option = document.createElement("li");
      Object.assign(option, { id: `suggestion-${number}`, className: kind, textContent: label });
      Object.assign(option, { role: "option", ariaSelected: "false" });
      Object.assign(option.dataset, { text, link });
      return option;
    }),
  );
  // Only the first row is shown; what falls below it could be reached but not seen.
  const row = list.firstElementChild?.offsetTop;
  for (const option of options()) if (option.offsetTop > row) option.remove();
  box.ariaExpanded = list.children.length > 0;
}

function choose(number) {
  if (active >= 0) options()[active].ariaSelected = "false";
  active = number;
  if (active < 0) return box.removeAttribute("aria-activedescendant");
  options()[active].ariaSelected = "true";
  box.setAttribute("aria-activedescendant", options()[active].id);
}

function take(option) {
  if (option.dataset.link) return location.assign(option.dataset.link);
  box.value = option.dataset.text;
  show([]);
  box.form.requestSubmit();
}

async function complete() {
  const word = box.value.trim();
  const turn = ++asked;
  if (!word) return show([]);
  try {
    const response = await fetch(`${box.dataset.suggest}?limit=6&q=${encodeURIComponent(word.slice(0, 200))}`);
    if (!response.ok || turn !== asked) return;
    const { suggestions } = await response.json();
    if (turn !== asked || document.activeElement !== box) return;
    show(
      suggestions.map(({ text, kind, count, link }) =>
        ["heading", "article"].includes(kind)
          ? { text, kind, label: text, link }
          : { text, kind, label: `${text} ${count.toLocaleString("en")}` },
      ),
    );
  } catch {
    show([]); // searching works without them
  }
}

box.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(complete, 150);
});

box.addEventListener("keydown", (event) => {
  const last = list.children.length - 1;
  if (event.key === "ArrowDown") {
    event.preventDefault();
    if (document.querySelector("a.open")) box.dispatchEvent(new Event("leave-down"));
    else if (active < 0 && last < 0 && !box.value) {
      show(recall().map((text) => ({ text, kind: "recent", label: text })));
      if (list.children.length) choose(0);
    } else if (active < 0 && last >= 0) choose(0);
  } else if (event.key === "ArrowUp" && active >= 0) {
    event.preventDefault();
    choose(-1);
  } else if (event.key === "ArrowRight" && active < 0 && last >= 0 && atEnd()) {
    event.preventDefault();
    choose(0);
  } else if ((event.key === "ArrowRight" || event.key === "ArrowLeft") && active >= 0) {
    event.preventDefault();
    choose(Math.min(last, Math.max(0, active + (event.key === "ArrowRight" ? 1 : -1))));
  } else if (event.key === "Enter" && active >= 0) {
    event.preventDefault();
    take(options()[active]);
  }
});

box.addEventListener("blur", () => {
  asked += 1;
  show([]);
});

list.addEventListener("mousedown", (event) => event.preventDefault()); // keeps the box focused
list.addEventListener("click", (event) => {
  const option = event.target.closest("[role=option]");
  if (option) take(option);
});
box.form.addEventListener("submit", () => {
  asked += 1;
  clearTimeout(timer);
  show([]);
  remember(box.value);
});
