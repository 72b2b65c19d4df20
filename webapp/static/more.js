// Shows that a wide table goes on beyond its edge.
for (const frame of document.querySelectorAll("[data-more]")) {
  const scroll = frame.firstElementChild;
  const hint = document.createElement("p");
  hint.textContent = "More columns to the right →";

  const look = () => {
    const rest = scroll.scrollWidth - scroll.clientWidth - Math.abs(scroll.scrollLeft);
    frame.toggleAttribute("data-right", rest > 1);
    hint.hidden = scroll.scrollWidth <= scroll.clientWidth + 1;
    hint.style.visibility = rest > 1 ? "visible" : "hidden";
  };

  frame.prepend(hint);
  scroll.addEventListener("scroll", look, { passive: true });
  new ResizeObserver(look).observe(scroll);
  look();
}
