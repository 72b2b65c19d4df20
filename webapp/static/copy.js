// Copies links and quotes, and says so. Without a clipboard there is still "Cite".
const said = document.querySelector("[data-said]");
const { clipboard } = navigator;

function item(kind, cite) {
  // Promises: some browsers allow no copying once an answer has been waited for.
  const made = fetch(cite).then((answer) => answer.json());
  const part = async (type, name) => new Blob([(await made)[name].slice()], { type });
  return new ClipboardItem({
    "text/plain": part("text/plain", kind === "quote" ? "text" : kind),
    ...(kind === "quote" && { "text/html": part("text/html", "html") }),
  });
}

async function tell(copying, button) {
  const news = await copying.then(() => "Copied", () => "Could not copy");
  const label = button.textContent;
  said.textContent = news;
  if (!label) return;
  button.textContent = news;
  setTimeout(() => (button.textContent = label), 1500);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy], a.pilcrow");
  const kind = button?.dataset.copy;
  if (kind && button.textContent.startsWith("Copy ")) {
    tell(clipboard.write([item(kind, button.closest("[data-cite]").dataset.cite)]), button);
  } else if (button?.href && clipboard && !(event.ctrlKey || event.metaKey || event.shiftKey)) {
    event.preventDefault();
    const target = button.closest("[id]")?.id;
    if (target) location.replace(`#${target}`); // outlines the passage, adds no step to go back
    tell(clipboard.writeText(button.href), button);
  }
});

const unhide = () => {
  for (const button of document.querySelectorAll("[data-copy]")) button.hidden = !clipboard;
};
unhide();
document.addEventListener("results", unhide);
