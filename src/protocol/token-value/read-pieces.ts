import { isDigit, isEastAsian, isWordy } from './clean-text.ts';
import { endOfBlob, readNumber } from './numbers.ts';
import type { Piece } from './pieces.ts';
import { eastAsianWordAt, roleOf } from './words.ts';

/** Cuts one line of clean text into its numbers, words and signs, in one pass that ends past `maxNumbers` numbers. */
export function readPieces(line: string, maxNumbers: number): { readonly pieces: Piece[]; readonly numbers: number } {
  const pieces: Piece[] = [];
  let numbers = 0;
  for (let at = 0; at < line.length && numbers <= maxNumbers; at = Math.max(at + 1, pieces.at(-1)?.end ?? 0)) {
    const char = line[at]!;
    if (isDigit(char)) {
      numbers += 1;
      pieces.push(readNumber(line, at, pieces.at(-2)));
    } else if (isWordy(char) && char !== '_') {
      for (const word of readWords(line, at, endOfBlob(line, at))) pieces.push(word);
    } else if (isEastAsian(char)) {
      pushEastAsian(pieces, line, at);
    } else if (char === '↑' || char === '↓' || char === '⬆' || char === '⬇') {
      pieces.push({ kind: 'word', start: at, end: at + 1, role: 'part' });
    } else if (line.startsWith('://', at)) {
      pieces.push({ kind: 'word', start: at, end: endOfUrl(line, at), role: undefined });
    } else if (char !== ' ') {
      pieces.push({ kind: 'mark', start: at, end: at + 1 });
    }
  }
  return { pieces, numbers };
}

function endOfUrl(line: string, start: number): number {
  let at = start;
  while (at < line.length && line[at] !== ' ' && line[at] !== '\t' && !isEastAsian(line[at]!)) at += 1;
  return at;
}

/** `tokens_used` and `inputTokens` are two words; with a digit it is an id, or the name of a model or a version. */
function readWords(line: string, start: number, end: number): Piece[] {
  const blob = line.slice(start, end);
  if (/[0-9ø]/.test(blob)) {
    const isName = roleOf(/^[A-Za-z]*/.exec(blob)![0]) === 'model' || /^v[0-9]/i.test(blob);
    return [isName ? { kind: 'word', start, end, role: 'model' } : { kind: 'word', start, end, role: undefined }];
  }
  return [...blob.matchAll(/[^-_.:@#^\\',]+/g)].flatMap(({ 0: word, index }) => {
    const role = roleOf(word);
    const parts = role ? [] : [...word.matchAll(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])/g)];
    if (parts.length < 2)
      return [{ kind: 'word' as const, start: start + index, end: start + index + word.length, role }];
    return parts.map((part) => {
      const partStart = start + index + part.index;
      return { kind: 'word' as const, start: partStart, end: partStart + part[0].length, role: roleOf(part[0]) };
    });
  });
}

/** Reads one East Asian word; characters that are not understood make one word together. */
function pushEastAsian(pieces: Piece[], line: string, at: number): void {
  const word = eastAsianWordAt(line, at);
  const role = roleOf(word);
  const last = pieces.at(-1);
  const goesOn = role === undefined && last?.kind === 'word' && last.role === undefined && last.end === at;
  const start = goesOn && isEastAsian(line[last.start]!) ? pieces.pop()!.start : at;
  pieces.push({ kind: 'word', start, end: at + word.length, role });
}
