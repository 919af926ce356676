/** The candidate that a word was probably meant to be: the nearest within two typing errors, or one that it begins. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates
    .map((candidate) => ({ candidate, errors: typingErrors(word.toLowerCase(), candidate) }))
    .sort((one, other) => one.errors - other.errors);
  const best = ranked[0];
  if (best && best.errors <= Math.min(2, Math.floor(word.length / 2))) return best.candidate;
  return word.length >= 3 ? candidates.find((candidate) => candidate.startsWith(word.toLowerCase())) : undefined;
}

/** How many letters must be put in, taken out or changed. */
function typingErrors(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const change = row[j - 1]! + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(change, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[other.length]!;
}
