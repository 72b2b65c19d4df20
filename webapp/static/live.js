// Results as the reader types: the newest answer counts, older ones are dropped.
const form = document.querySelector("[data-search]");
const box = form.q;
const place = document.querySelector("[data-results]");
const PAUSE = 40; // milliseconds; of keys that come faster only the last one is answered
const bare = { match: "stem", sort: "relevance" }; // what goes without saying
let timer;
let pressed = -PAUSE; // when a key was pressed last
let request;
let editing = false; // whether the address in the bar is of a question still being typed
let provisional = false; // whether what is shown answers a question that was still being typed
let grown = {}; // what was typed last, and the question that it was taken for

function address() {
  const asked = new URLSearchParams(new FormData(form));
  if (box.value === grown.typed) asked.set("q", grown.taken);
  for (const [name, value] of [...asked])
    if (!value.trim() || bare[name] === value) asked.delete(name);
  const query = asked.toString();
  return form.getAttribute("action") + (query ? `?${query}` : "");
}

async function load(url, live) {
  request?.abort();
  request = new AbortController();
  const { signal } = request;
  const typed = box.value;
  const target = new URL(url, location.href);
  target.searchParams.set("fragment", "1");
  if (live) target.searchParams.set("live", "1");
  try {
    const response = await fetch(target, { signal });
    const answer = new DOMParser().parseFromString(await response.text(), "text/html");
    if (signal.aborted) return;
    if (!response.ok && !answer.querySelector(".summary")) return location.assign(url);
    const taken = live && answer.querySelector("[data-taken]")?.dataset.taken;
    replace(answer);
    if (taken && box.value === typed) {
      grown = { typed, taken };
      history.replaceState(null, "", address());
    }
  } catch (error) {
    const status = place.querySelector("[data-count]");
    if (error.name !== "AbortError" && status) status.textContent = "The server can’t be reached";
  }
}

function replace(answer) {
  document.title = answer.title;
  const status = place.querySelector("[data-count]");
  const news = answer.querySelector("[data-count]");
  place.replaceChildren(...answer.body.childNodes);
  // The status that a screen reader watches stays the same element.
  if (status && news) {
    status.replaceChildren(...news.childNodes);
    news.replaceWith(status);
  }
  document.dispatchEvent(new Event("results"));
}

function go(live) {
  const url = address();
  const isSame = url === location.pathname + location.search;
  if (isSame && (live || !provisional)) return; // by Enter it is asked in earnest, once
  history[editing || isSame ? "replaceState" : "pushState"](null, "", url);
  editing = provisional = live;
  load(url, live);
}

function later({ timeStamp }) {
  clearTimeout(timer);
  if (timeStamp - pressed >= PAUSE) go(true);
  else timer = setTimeout(go, PAUSE, true);
  pressed = timeStamp;
}

box.addEventListener("input", (event) => !event.isComposing && later(event));
box.addEventListener("compositionend", later);
form.addEventListener("change", (event) => event.target !== box && go(false));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(timer);
  go(false);
  editing = false;
});
box.addEventListener("blur", () => (editing = false));

addEventListener("popstate", () => {
  const asked = new URLSearchParams(location.search);
  editing = provisional = false;
  box.value = asked.get("q") ?? "";
  for (const name in bare) form.elements[name].value = asked.get(name) ?? bare[name];
  load(location.href, false);
});
