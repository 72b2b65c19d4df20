// Names the section that is being read, in the line that stays at the top.
const line = document.querySelector("[data-here]");
const place = line.querySelector("[data-section]");
const title = document.querySelector(".article h1");
const heads = [...document.querySelectorAll(".prose :is(h2, h3, h4, h5, h6)")];
const MARGIN = 96; // pixels: a heading that a link leads to stands so far below the line
let waiting = false;

// The headings above what is read: each nearest one of a higher level than the one below it.
function path(edge) {
  const above = [];
  for (const head of heads) {
    if (head.getBoundingClientRect().top > edge) break;
    while (above.length && above.at(-1).localName >= head.localName) above.pop();
    above.push(head);
  }
  return above.map((head) => head.innerText.trim());
}

// Below the title itself the line would say it again.
function name() {
  waiting = false;
  line.toggleAttribute("data-needless", title.getBoundingClientRect().bottom > 0);
  place.textContent = path(line.getBoundingClientRect().bottom + MARGIN).join(" › ");
}

addEventListener("scroll", () => {
  if (!waiting) requestAnimationFrame(name);
  waiting = true;
}, { passive: true });
name();
