import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openToWrite } from '../../../../src/daemon/store/index/database/database.ts';
import { keyText, searchText, textOfKey } from '../../../../src/daemon/store/index/database/stored-text.ts';

/** Halves of characters, whole ones, what UTF-8 makes of a half, and what stands in for one. */
const units = ['a', 'D', '8', 'ß', '\ufeff', '\0', '\ufffd', '\ud83d', '\ud83e', '\ude00', '\u{10d83d}', '\u{10de00}'];
const texts = fc.oneof(fc.string({ unit: fc.constantFrom(...units), maxLength: 5 }), fc.string({ unit: 'binary' }));
const ordinary = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('', '完成 😀', 'Größe', '\ufffd', 'a\0b'));

test('every text has a key of its own in the database, which tells it again', () => {
  const db = openToWrite(':memory:');
  const insert = db.prepare('insert or ignore into conversation (name) values (?)');
  const find = db.prepare('select number, cast(name as blob) as name from conversation where name = ?');
  const numbers = new Map<unknown, string>();
  fc.assert(
    fc.property(texts, (text) => {
      insert.run(keyText(text));
      const { number, name } = find.get(keyText(text)) as { number: number; name: Uint8Array };
      const known = numbers.get(number) ?? text;
      numbers.set(number, text);

      expect(known).toBe(text);
      expect(textOfKey(new TextDecoder('utf-8', { ignoreBOM: true }).decode(name))).toBe(text);
    }),
    { numRuns: 2_000 },
  );
});

test('ordinary text stands in the database as it was given', () => {
  fc.assert(
    fc.property(ordinary, (text) => {
      expect(keyText(text)).toBe(text);
    }),
  );
});

test('a search finds in the database what is a part of an event in small letters, be it half a character', () => {
  const search = openToWrite(':memory:').prepare('select instr(?, ?) > 0 as found');
  fc.assert(
    fc.property(texts, texts, texts, (before, text, behind) => {
      for (const event of [before + text + behind, before + behind]) {
        const found = search.get(searchText(event), searchText(text)) as { found: number };

        expect(found.found === 1).toBe(event.toLowerCase().includes(text.toLowerCase()));
      }
    }),
    { numRuns: 2_000 },
  );
});
