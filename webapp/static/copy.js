// Copies links and quotes; says so beside the button and to screen readers.
const said = document.querySelector("[data-said]");

function quoteOf(hit) {
  const text = hit.querySelector("details.rest .text") ?? hit.querySelector(".text");
  const words = text.innerText.replace(/\s+/g, " ").trim();
  return `“${words}”\n${hit.closest("[data-cite]").dataset.cite}. ${hit.dataset.link}`;
}

async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
    tell("Copied", button);
  } catch {
    tell("Could not copy", button);
  }
}

function tell(news, button) {
  said.textContent = news;
  if (!button.textContent) return;
  const label = button.textContent;
  button.textContent = news;
  setTimeout(() => (button.textContent = label), 1500);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  const sign = event.target.closest("a.pilcrow");
  if (button && button.textContent.startsWith("Copy ")) {
    const hit = button.closest("[data-hit]");
    copy(button.dataset.copy === "link" ? hit.dataset.link : quoteOf(hit), button);
  } else if (sign && !(event.ctrlKey || event.metaKey || event.shiftKey)) {
    event.preventDefault();
    const target = sign.closest("[id]")?.id;
    if (target) location.replace(`#${target}`); // outlines the passage, adds no step to go back
    copy(sign.href, sign);
  }
});

const unhide = () => {
  for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
};
unhide();
document.addEventListener("results", unhide);
