/** A choice that this browser keeps; `undefined` where there is none, or where it keeps nothing. */
export function remembered(key: string): string | undefined {
  try {
    return localStorage.getItem(key) ?? undefined;
  } catch {
    // A browser that keeps nothing, as some are set to, is no reason to show nothing.
    return undefined;
  }
}

/** Keeps a choice for the next visit, where the browser allows it; `undefined` forgets it. */
export function remember(key: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // The choice then lasts as long as the page.
  }
}
