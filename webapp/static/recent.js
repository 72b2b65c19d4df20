// The last questions, kept in this browser only.
const KEY = "recent";
const MOST = 6;

export function recall() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter((q) => typeof q === "string").slice(0, MOST) : [];
  } catch {
    return [];
  }
}

export function remember(q) {
  const asked = q.trim();
  if (!asked) return;
  const kept = [asked, ...recall().filter((other) => other !== asked)].slice(0, MOST);
  try {
    localStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // Without storage nothing is kept.
  }
}
