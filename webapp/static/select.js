// Offers a link to the words selected in an article.
const bar = document.querySelector("[data-selection]");
const prose = document.querySelector(".prose");
const LONG = 400; // characters; of more, the first and the last are sent
let timer;

function offer() {
  const selection = getSelection();
  const range = selection.type === "Range" && selection.getRangeAt(0);
  const text = range && prose.contains(range.commonAncestorContainer) && `${selection}`.trim();
  const ends = (one) => range.comparePoint(one, one.childNodes.length) >= 0;
  const passage = text && [...prose.querySelectorAll("[data-passage]")].find(ends);
  bar.hidden = !passage;
  if (!passage) return;
  const before = new Range();
  before.setStart(prose, 0);
  before.setEnd(range.startContainer, range.startOffset);
  const asked = new URLSearchParams({ prefix: `${before}`.slice(-99), text: text.slice(0, LONG) });
  if (text.length > LONG) asked.set("end", text.slice(-LONG));
  const place = `${passage.dataset.passage}/cite?${asked}`;
  bar.dataset.cite = bar.dataset.api + place;
  bar.lastElementChild.href = bar.dataset.pages + place;
  bar.style.top = `${range.getBoundingClientRect().bottom + scrollY}px`;
}

document.addEventListener("selectionchange", () => {
  clearTimeout(timer);
  timer = setTimeout(offer, 200);
});
