// What one person prefers, kept in this browser. In a frame of another site browsers
// may refuse to keep anything: then it is forgotten with the page.

/** kept returns what was kept by a name; null: nothing. */
export function kept(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** keep keeps a value, if the browser lets it. */
export function keep(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    // It holds for as long as the page is open.
  }
}
