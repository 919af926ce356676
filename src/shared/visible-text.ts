/**
 * The text for a terminal or a log: what would steer the one, turn the direction of a line or stand there unseen is
 * written as JSON escapes it (`\u001b`). Newline and tab stay, and what scripts and emoji cannot be written without; a
 * JSON text keeps its value. What is visible already comes back as it is.
 */
export function visibleText(text: string): string {
  // Nearly all that a log holds.
  if (!/[^\t\n -~]/.test(text)) return text;
  return text.replace(UNSEEN, (found, at: number) => (belongs(found, text, at) ? found : escaped(found)));
}

/** The same on one line, for a value that has no more than a line of its own: a newline would begin a line in our name. */
export function visibleLine(text: string): string {
  return visibleText(text.replace(/[\t\n\v\f\r\u0085\u2028\u2029]+/g, ' ').trim());
}

/** A value as JSON on one line, with nothing unseen in it. */
export function visibleJson(value: unknown): string {
  return visibleText(JSON.stringify(value));
}

/** Controls, halves of characters, other ends of lines, and what has no width, the controls of direction among it; the flag of a region whole. */
const UNSEEN =
  /\u{1F3F4}[\u{E0030}-\u{E0039}\u{E0061}-\u{E007A}]{3,6}\u{E007F}|[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\uFFF9-\uFFFB]/gu;

/** Whether it is visible through its effect on its neighbours. */
function belongs(found: string, text: string, at: number): boolean {
  const after = text.slice(at + found.length, at + found.length + 2);
  if (found < ' ') return found === '\n' || found === '\t' || (found === '\r' && after.startsWith('\n'));
  if (found.startsWith(FLAG)) return true;
  const how = JOINS.find(({ characters }) => characters.test(found));
  if (!how) return false;
  const before = text.slice(Math.max(0, at - 2), at);
  return how.places.some((place) => place.before.test(before) && (place.after?.test(after) ?? true));
}

const FLAG = '\u{1F3F4}';

interface Place {
  readonly before: RegExp;
  readonly after?: RegExp;
}

/** Places where unseen characters belong. */
const JOINS: readonly { readonly characters: RegExp; readonly places: readonly Place[] }[] = [
  {
    // Emoji in colour or in black and white, on a key; ideographs, signs of mathematics and letters of Myanmar in another form.
    characters: /[\uFE00-\uFE0F]/,
    places: [
      { before: /\p{Extended_Pictographic}$/u },
      { before: /[0-9#*]$/, after: /^\u20E3/ },
      { before: /[\p{Script=Han}\p{Script=Mymr}]$/u },
      { before: /(?!\p{ASCII})\p{Sm}$/u },
    ],
  },
  { characters: /[\u{E0100}-\u{E01EF}]/u, places: [{ before: /\p{Script=Han}$/u }] },
  { characters: /[\u180B-\u180D\u180F]/, places: [{ before: /\p{Script=Mong}$/u }] },
  {
    characters: /[\u200C\u200D]/,
    places: [
      { before: /(?:[\p{Extended_Pictographic}\p{Emoji_Modifier}]|\uFE0F)$/u, after: /^\p{Extended_Pictographic}/u },
      // Behind a virama it keeps a consonant half or whole, at a word's end too.
      { before: /[\u094D\u09CD\u0A4D\u0ACD\u0B4D\u0BCD\u0C4D\u0CCD\u0D3B\u0D3C\u0D4D\u0DCA]$/ },
      // Scripts in which it changes how two letters are written.
      {
        before: /[\u0600-\u08FF\u0900-\u0DFF\u1000-\u109F\u1780-\u18AF]$/,
        after: /^[\u0600-\u08FF\u0900-\u0DFF\u1000-\u109F\u1780-\u18AF]/,
      },
    ],
  },
];

function escaped(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
