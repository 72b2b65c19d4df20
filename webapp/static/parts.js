// An anchor that this part of a long article lacks, or the words of a text fragment, lead to the
// part that has them. Browsers hide text fragments from the location; some tell them here.
const finding = document.querySelector("[data-parts]").dataset.parts;
const [, words] = performance.getEntriesByType("navigation")[0]?.name.split("#:~:") ?? [];

function lead() {
  const anchor = decodeURIComponent(location.hash).slice(1);
  if (!anchor || /^match\./.test(anchor) || document.getElementById(anchor)) return;
  location.replace(finding + encodeURIComponent(anchor));
}

addEventListener("hashchange", lead);
if (words) location.replace(finding + encodeURIComponent(`:~:${words}`));
else lead();
