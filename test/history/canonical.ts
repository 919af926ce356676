import { MADE } from './model.ts';

/** A ULID, or what is made of a drop-file's place on the disk. */
const MADE_ID = /(?<!\w)(?:[0-9A-HJKMNP-TV-Z]{26}|drop-[0-9a-f]{32})(?!\w)/g;
const MARK = /^(\d+):[0-9a-f]{8}$/;

/** An answer as it is the same in every run: what the daemon makes by chance, ids and checksums, is told alike. */
export function canonical(value: unknown): unknown {
  if (typeof value === 'string') return canonicalText(value).replace(MARK, '$1:(checksum)');
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, canonical(part)]));
}

export function canonicalText(text: string): string {
  return text.replace(MADE_ID, MADE);
}
