import { describe, expect, test } from 'vitest';
import { Arrivals, type SeenFile } from '../../../../src/daemon/sources/drop-folder/arrivals.ts';

const DATE_MS = 1_700_000_000_000;

/** A folder whose clock and files the test moves. */
class Folder {
  now = 1_000;
  readonly #files = new Map<string, SeenFile & { text: string }>();
  readonly #arrivals = new Arrivals({
    isFinished: ({ name }) => this.#files.get(name)!.text.endsWith('\n'),
    isSignal: (name) => name === 'clipboard',
  });
  #inode = 1n;

  write(name: string, text: string, { hint = 'written' as 'appeared' | 'written' | null, ageMs = 0 } = {}): void {
    const inode = this.#files.get(name)?.inode ?? this.#inode++;
    const writtenNs = BigInt(DATE_MS + this.now - ageMs) * 1_000_000n;
    this.#files.set(name, { name, key: name, path: name, inode, size: BigInt(text.length), writtenNs, text });
    if (hint) this.#arrivals.hint(name, hint, this.now);
  }

  /** A scan whose listing is older than what it is told of while it looks at the files. */
  scanWhile(work: () => void): void {
    const scan = this.#arrivals.beginScan(this.now, DATE_MS + this.now);
    const listed = [...this.#files.values()];
    work();
    this.#arrivals.observe(listed, scan);
  }

  remove(name: string): void {
    this.#files.delete(name);
  }

  /** What is taken after so many more milliseconds. */
  after(ms: number): string[] {
    this.now += ms;
    this.#arrivals.observe([...this.#files.values()], this.#arrivals.beginScan(this.now, DATE_MS + this.now));
    const taken = this.#arrivals.takeWhole(this.now).map(({ name }) => name);
    for (const name of taken) this.#files.delete(name);
    return taken;
  }

  get waitsForMs(): number | undefined {
    const next = this.#arrivals.nextMs();
    return next === undefined ? undefined : next - this.now;
  }
}

describe('a file is taken', () => {
  test('a file that came by a rename is taken at once when its last line is ended', () => {
    const folder = new Folder();
    folder.write('a', '5\n', { hint: 'appeared' });
    expect(folder.after(0)).toEqual(['a']);
    expect(folder.waitsForMs).toBeUndefined();
  });

  test('a file that came by a rename and may go on is taken a moment later', () => {
    const folder = new Folder();
    folder.write('a', '5', { hint: 'appeared' });
    expect(folder.after(0)).toEqual([]);
    expect(folder.waitsForMs).toBe(10);
    expect(folder.after(10)).toEqual(['a']);
  });

  test('a file whose last line is ended is taken when nobody has touched it for 25 ms', () => {
    const folder = new Folder();
    folder.write('a', '5\n');
    expect(folder.after(0)).toEqual([]);
    expect(folder.after(24)).toEqual([]);
    expect(folder.after(1)).toEqual(['a']);
  });

  test('a file that may go on is taken only after half a second without a change, however slowly it is written', () => {
    const folder = new Folder();
    const taken: string[] = [];
    for (const text of ['3', '35', '3500', '350000']) {
      folder.write('a', text);
      taken.push(...folder.after(0), ...folder.after(200), ...folder.after(200));
    }
    expect(taken).toEqual([]);
    expect(folder.after(100)).toEqual(['a']);
  });

  test('a file of which no event told is taken too', () => {
    const folder = new Folder();
    folder.write('a', '5\n', { hint: null });
    expect(folder.after(0)).toEqual([]);
    expect(folder.after(25)).toEqual(['a']);
  });

  test('a file that has lain there long before is taken at once', () => {
    const folder = new Folder();
    folder.write('a', '5', { hint: null, ageMs: 60_000 });
    expect(folder.after(0)).toEqual(['a']);
  });

  test('an empty file is taken late, and keeps no other waiting', () => {
    const folder = new Folder();
    folder.write('empty', '');
    folder.after(10);
    folder.write('b', '5\n', { hint: 'appeared' });
    expect(folder.after(0)).toEqual(['b']);
    expect(folder.after(1_980)).toEqual([]);
    expect(folder.after(10)).toEqual(['empty']);
  });

  test('a file whose name alone is a signal is taken at once', () => {
    const folder = new Folder();
    folder.write('clipboard', '');
    expect(folder.after(0)).toEqual(['clipboard']);
  });

  test('a second file of a name is taken after the first', () => {
    const folder = new Folder();
    folder.write('a', '5\n', { hint: 'appeared' });
    expect(folder.after(0)).toEqual(['a']);
    folder.write('a', '6\n');
    expect(folder.after(0)).toEqual([]);
    expect(folder.after(25)).toEqual(['a']);
  });
});

describe('the order', () => {
  test('files are taken in the order of writing, and by name within one instant, numbers as numbers', () => {
    const folder = new Folder();
    for (const [name, ageMs] of Object.entries({ 10: 1_000, 9: 1_000, 1: 900, z: 2_000 })) {
      folder.write(name, '5\n', { ageMs, hint: undefined });
    }
    expect(folder.after(0)).toEqual(['z', '9', '10', '1']);
  });

  test('files of one instant are taken in the order of appearance, where it was seen', () => {
    const folder = new Folder();
    for (const name of ['b', 'c', 'a']) folder.write(name, '5\n', { hint: 'appeared' });
    folder.write('b', '6\n');
    folder.after(0);
    expect(folder.after(25)).toEqual(['b', 'c', 'a']);
  });

  test('of files of one instant those go first that lay there before anybody listened', () => {
    const folder = new Folder();
    folder.write('z', '5\n', { hint: null });
    folder.write('b', '5\n', { hint: 'appeared' });
    folder.write('a', '5\n', { hint: 'appeared' });
    expect(folder.after(25)).toEqual(['z', 'b', 'a']);
  });

  test('files of one instant, where nobody listened, are taken in the order of their inodes and not of their names', () => {
    const folder = new Folder();
    for (const name of ['lines', 'array', 'jsonl']) folder.write(name, '5\n', { hint: null });
    expect(folder.after(25)).toEqual(['lines', 'array', 'jsonl']);
  });

  test('the order within one instant is known of files that appeared after the folder was listed', () => {
    const folder = new Folder();
    folder.write('c', '5\n', { hint: 'appeared' });
    folder.scanWhile(() => {
      folder.write('b', '5\n', { hint: 'appeared' });
      folder.write('a', '5\n', { hint: 'appeared' });
    });
    expect(folder.after(25)).toEqual(['c', 'b', 'a']);
  });

  test('a younger file that is whole waits for an older one that is not', () => {
    const folder = new Folder();
    folder.write('older', '300000');
    expect(folder.after(100)).toEqual([]);
    folder.write('younger', '350000\n', { hint: 'appeared' });
    expect(folder.after(0)).toEqual([]);
    expect(folder.after(400)).toEqual(['older', 'younger']);
  });

  test('no file waits for one that was taken away', () => {
    const folder = new Folder();
    folder.write('older', '300000');
    folder.after(0);
    folder.write('younger', '350000\n', { hint: 'appeared' });
    folder.remove('older');
    expect(folder.after(0)).toEqual(['younger']);
  });
});
