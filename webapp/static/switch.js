// The switch between light, dark and what the system says.
const button = document.querySelector("[data-theme-switch]");
const root = document.documentElement;
const order = ["auto", "light", "dark"];

function show(theme) {
  if (theme === "auto") delete root.dataset.theme;
  else root.dataset.theme = theme;
  const name = { auto: "Auto", light: "Light", dark: "Dark" }[theme];
  button.textContent = `◐ ${name}`;
  button.setAttribute("aria-label", `Colours: ${name}`);
}

button.hidden = false;
show(root.dataset.theme ?? "auto");
button.addEventListener("click", () => {
  const next = order[(order.indexOf(root.dataset.theme ?? "auto") + 1) % order.length];
  show(next);
  try {
    if (next === "auto") localStorage.removeItem("theme");
    else localStorage.setItem("theme", next);
  } catch {
    // The choice then lasts as long as the page.
  }
});
