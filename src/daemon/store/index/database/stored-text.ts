/** Where the halves of characters lie, of which UTF-8 has no place for one alone: this far above them, in plane 16, every code point is for private use. */
const ABOVE = 0x10_0000;

const HALF = /[\ud800-\udfff]/g;
const STAND_IN = /[\u{10d800}-\u{10dfff}]/gu;

/**
 * A text by which something is found, as it stands in the database and is asked for: each has one of its own, and all but
 * those that UTF-8 cannot hold stand there as they are. (Those that hold what stands in for a half are written by halves too.)
 */
export function keyText(text: string): string {
  return text.isWellFormed() && text.search(STAND_IN) === -1 ? text : byHalves(text);
}

/** The text that stands in the database as this key. */
export function textOfKey(key: string): string {
  return key.replace(STAND_IN, (standIn) => String.fromCharCode(standIn.codePointAt(0)! - ABOVE));
}

/** An event, or a part of one, as a search compares them: in small letters, and by halves, so that half a character finds the whole. */
export function searchText(text: string): string {
  return byHalves(text.toLowerCase());
}

function byHalves(text: string): string {
  return text.replace(HALF, (half) => String.fromCodePoint(half.charCodeAt(0) + ABOVE));
}
