// An anchor that this part of a long article lacks leads to the part that has it.
const finding = document.querySelector("[data-parts]").dataset.parts;

function lead() {
  const anchor = decodeURIComponent(location.hash).slice(1);
  if (!anchor || /^match\./.test(anchor) || document.getElementById(anchor)) return;
  location.replace(finding + encodeURIComponent(anchor));
}

addEventListener("hashchange", lead);
lead();
