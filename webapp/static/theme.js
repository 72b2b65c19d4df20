// Sets the reader's choice of light or dark before anything is painted.
try {
  const chosen = localStorage.getItem("theme");
  if (chosen) document.documentElement.dataset.theme = chosen;
} catch {
  // Without storage, the system's choice holds.
}
