// What is marked on the page. Arguments: a quotation, its number among its occurrences (from 0), a
// picture of the view (PNG, base64), and whom to answer: {count, marked, wanted, unwanted}.
const [quote, number, picture, answer] = arguments;
const NO_TEXT = new Set(["SCRIPT", "STYLE", "NOSCRIPT", "TEMPLATE", "TITLE", "HEAD", "SELECT", "DATALIST"]);
const PARTING = new Set(["BR", "HR", "INPUT", "CANVAS"]);
const INLINE = new Set(["inline", "contents", "ruby"]);
const FORMAT = /[\s\p{Cf}\p{Cc}]/u;
const plain = (char) => (FORMAT.test(char) ? "" : char.toLowerCase());
const isWord = (char) => char !== undefined && /[\p{L}\p{N}_]/u.test(char);

const foldOf = (node) => node.parentElement.closest("details:not([open]), [hidden=until-found]");

function isShown(node) {
  for (let e = node.parentElement; e; e = e.parentElement) {
    if (NO_TEXT.has(e.tagName) || getComputedStyle(e).display === "none") return false;
  }
  const range = document.createRange();
  range.selectNodeContents(node);
  if (!range.getClientRects().length && !foldOf(node)) return false;
  return getComputedStyle(node.parentElement).visibility === "visible";
}

function blockOf(node) {
  let e = node.parentElement;
  while (e && INLINE.has(getComputedStyle(e).display)) e = e.parentElement;
  return e;
}

// All characters that show something, with where each stands and whether a space is before it.
function gather() {
  const shown = NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT;
  const walker = document.createTreeWalker(document.body, shown);
  const chars = [], nodes = [];
  let parted = true, block = null;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (PARTING.has(node.nodeName) && node.type !== "hidden") parted = true;
    if (node.nodeType !== Node.TEXT_NODE || !isShown(node)) continue;
    nodes.push(node);
    const home = blockOf(node);
    if (home !== block) parted = true;
    block = home;
    let at = 0;
    for (const char of node.data) {
      if (/\s/u.test(char)) parted = true;
      for (const part of plain(char)) { chars.push({ part, node, at, size: char.length, parted }); parted = false; }
      at += char.length;
    }
  }
  return { chars, nodes };
}

function occurrences(chars) {
  const squeezed = chars.map((c) => c.part).join("");
  const words = quote.trim().split(/\s+/u).map((w) => [...w].map(plain).join("")).filter(Boolean);
  const sought = words.join(""), breaks = new Set();
  let reach = 0;
  for (const word of words) breaks.add((reach += word.length));
  const starts = [0];
  chars.forEach((c) => starts.push(starts[starts.length - 1] + c.part.length));
  const index = new Map(starts.map((s, i) => [s, i]));
  const found = [];
  for (let at = squeezed.indexOf(sought); sought && at >= 0; at = squeezed.indexOf(sought, at + 1)) {
    const first = index.get(at), after = index.get(at + sought.length);
    if (first === undefined || after === undefined) continue;
    if (!chars[first].parted && first && isWord(chars[first - 1].part) && isWord(chars[first].part)) continue;
    if (chars[after] && !chars[after].parted && isWord(chars[after - 1].part) && isWord(chars[after].part)) continue;
    let alike = true;
    for (let i = first + 1; alike && i < after; i++) alike = chars[i].parted === breaks.has(starts[i] - at);
    if (alike) found.push([first, after - 1]);
  }
  return found;
}

function rectsOf(node, from, to) {
  if (from >= to || !node.data.slice(from, to).trim()) return [];
  if (foldOf(node) && !node.parentElement.closest("summary")) return []; // its boxes are not shown
  const range = document.createRange();
  range.setStart(node, from);
  range.setEnd(node, to);
  return [...range.getClientRects()];
}

// Length of the middle lines of boxes in view, and how much of it is painted.
function measure(boxes, pixels, width, height) {
  let length = 0, painted = 0;
  for (const box of boxes) {
    const y = Math.round((box.top + box.bottom) / 2);
    if (y < 0 || y >= height || box.height < 2) continue;
    for (let x = Math.max(0, Math.ceil(box.left) + 1); x < Math.min(width, Math.floor(box.right) - 1); x++) {
      const i = 4 * (y * width + x);
      length += 1;
      painted += pixels[i] === 255 && pixels[i + 1] === 0 && pixels[i + 2] === 170;
    }
  }
  return [length, painted];
}

const image = new Image();
image.onload = () => {
  const canvas = document.createElement("canvas");
  const { width, height } = image;
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  const pixels = context.getImageData(0, 0, width, height).data;
  const { chars, nodes } = gather();
  const found = occurrences(chars);
  const wanted = [], others = [];
  const [first, last] = (found[number] || []).map((i) => chars[i]);
  let stage = first ? 0 : 2; // before, within, after
  for (const node of nodes) {
    let from = 0, to = node.data.length;
    if (stage === 0 && first.node !== node) { others.push(...rectsOf(node, from, to)); continue; }
    if (stage === 0) { others.push(...rectsOf(node, 0, first.at)); from = first.at; stage = 1; }
    if (stage === 1 && last.node === node) {
      wanted.push(...rectsOf(node, from, last.at + last.size));
      from = last.at + last.size;
      stage = 2;
    } else if (stage === 1) { wanted.push(...rectsOf(node, from, to)); continue; }
    others.push(...rectsOf(node, from, to));
  }
  const [length, right] = measure(wanted, pixels, width, height);
  const [, wrong] = measure(others, pixels, width, height);
  let marked = false;
  for (let i = 0; i < pixels.length && !marked; i += 4) marked = pixels[i] === 255 && pixels[i + 1] === 0 && pixels[i + 2] === 170;
  answer({
    count: found.length, marked,
    wanted: length ? right / length : 0, unwanted: length ? wrong / length : 0,
  });
};
image.onerror = () => answer({ count: 0, marked: false, wanted: 0, unwanted: 0 });
image.src = "data:image/png;base64," + picture;
