const STRING = /("(?:[^"\\]|\\.)*")(\s*:)?/g;
const STAND_IN = '\ue000';

/**
 * What `JSON.parse` reads of a text, without a fault of V8 (nodejs/node issue 63785): after a key that holds a backslash, a key
 * with an escape may be read as that one. So it is given stand-ins without escapes for such keys, which are named back
 * in what it returns. Throws what it throws.
 */
export function nativeJson(text: string): unknown {
  return withKeys(JSON.parse(text.replace(STRING, standIn)));
}

function standIn(text: string, literal: string, colon: string | undefined): string {
  if (colon === undefined || !literal.includes('\\')) return text;
  let key: string;
  try {
    key = JSON.parse(literal);
  } catch {
    return text;
  }
  return `"${STAND_IN}${[...key].map((char) => char.codePointAt(0)!.toString(16)).join('.')}"${colon}`;
}

function withKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [keyOf(key), withKeys(member)]));
}

function keyOf(key: string): string {
  if (!key.startsWith(STAND_IN)) return key;
  const codes = key.slice(STAND_IN.length).split('.');
  return String.fromCodePoint(...codes.filter(Boolean).map((code) => Number.parseInt(code, 16)));
}
