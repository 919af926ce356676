import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { crc32, zstdCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { FileState } from '../../../../src/daemon/meters/files/file-state.ts';
import { type FileOfLines, LineTail, type Start } from '../../../../src/daemon/meters/files/line-tail.ts';
import { temporaryFolder } from '../../../support/folders.ts';
import { SPECIAL_FILES } from '../../../support/special-files.ts';

/** Reads a file again and again as the store would: its state goes through JSON in between. */
function follower(path = join(temporaryFolder(), 'log.jsonl')) {
  const tail = new LineTail();
  const told = { starts: [] as Start[], lines: [] as string[], keys: [] as string[], states: [] as FileState[] };
  let known: FileState | undefined;
  let file: FileOfLines;
  async function read(from = path) {
    told.lines = [];
    told.keys = [];
    const outcome = await tail.read(from, known && JSON.parse(JSON.stringify(known)), {
      begin(start, its) {
        told.starts.push(start);
        file = its;
      },
      take(line, offset) {
        told.lines.push(brief(line));
        told.keys.push(`${file.headBefore(offset + line.length + 1)}:${offset}`);
      },
      reached(state) {
        known = state;
        told.states.push(state);
      },
    });
    return outcome.kind === 'read' ? outcome.start : outcome.kind;
  }
  return { path, told, read, state: () => known, tail };
}

/** A long line by its length and content. */
function brief(line: Buffer | string): string {
  return line.length > 100 ? `${line.length} bytes of ${crc32(line)}` : line.toString();
}

/** Longer than what the marks at both ends cover. */
const LINES = Array.from({ length: 60 }, (_, index) => `{"line":${index},"text":"so long that it says something"}`);
const TEXT = `${LINES.join('\n')}\n`;

test('a file that is cut at any byte and grows on is told line by line, each once and in order', async () => {
  const text = '{"a":1}\n\n{"b":"é"}\r\n{"c":3}\n';
  for (let cut = 0; cut <= text.length + 1; cut += 1) {
    const { path, told, read } = follower();
    const bytes = Buffer.from(text);
    writeFileSync(path, bytes.subarray(0, cut));
    await read();
    const first = told.lines;
    appendFileSync(path, bytes.subarray(cut));
    await read();
    expect([...first, ...told.lines]).toEqual(['{"a":1}', '{"b":"é"}', '{"c":3}']);
  }
});

test('a line that comes byte by byte is told when its end has come', async () => {
  const { path, told, read } = follower();
  const lines: string[] = [];
  writeFileSync(path, '');
  for (const byte of Buffer.from('{"a":1}\r\n{"b":2}\n{"c"')) {
    appendFileSync(path, Buffer.from([byte]));
    await read();
    lines.push(...told.lines);
  }
  expect(lines).toEqual(['{"a":1}', '{"b":2}']);
  expect(new Set(told.starts.slice(1))).toEqual(new Set(['continued']));
});

test('a file that nobody has touched is not read again', async () => {
  const { path, read } = follower();
  writeFileSync(path, TEXT);
  expect(await read()).toBe('anew');
  expect(await read()).toBe('untouched');
});

test('a change of rights alone tells no line again', async () => {
  const { path, told, read } = follower();
  writeFileSync(path, TEXT);
  await read();
  chmodSync(path, 0o640);
  expect(await read()).toBe('continued');
  expect(told.lines).toEqual([]);
  expect(await read()).toBe('untouched');
});

test.each<[string, (path: string) => void, readonly string[]]>([
  ['truncated', (path) => truncateSync(path, TEXT.indexOf('\n') + 1), LINES.slice(0, 1)],
  ['emptied', (path) => truncateSync(path, 0), []],
  [
    'truncated and grown beyond its old length',
    (path) => {
      truncateSync(path, TEXT.length - LINES.at(-1)!.length - 1);
      appendFileSync(path, `${'{"another":"line"}\n'.repeat(9)}`);
    },
    [...LINES.slice(0, -1), ...Array<string>(9).fill('{"another":"line"}')],
  ],
  [
    'replaced by a rename, to the same beginning and a longer end',
    (path) => {
      writeFileSync(`${path}.new`, `${TEXT}{"more":1}\n`);
      renameSync(`${path}.new`, path);
    },
    [...LINES, '{"more":1}'],
  ],
  [
    'copied over by another',
    (path) => {
      writeFileSync(`${path}.other`, `{"other":1}\n${TEXT}`);
      copyFileSync(`${path}.other`, path);
    },
    ['{"other":1}', ...LINES],
  ],
  [
    'rewritten in place at the same size with another head',
    (path) => writeFileSync(path, TEXT.replace('"line":0', '"line":7'), { flag: 'r+' }),
    [LINES[0]!.replace('0', '7'), ...LINES.slice(1)],
  ],
  [
    'deleted and made anew',
    (path) => {
      rmSync(path);
      writeFileSync(path, `{"new":1}\n${TEXT}`);
    },
    ['{"new":1}', ...LINES],
  ],
])('a file that was %s is told anew from its first line', async (_, change, lines) => {
  const { path, told, read } = follower();
  writeFileSync(path, TEXT);
  await read();
  change(path);
  expect(await read()).toBe('anew');
  expect(told.lines).toEqual(lines);
});

test('a deleted file is gone, and so is one whose folder became a file', async () => {
  const { path, read } = follower();
  expect(await read()).toBe('gone');
  writeFileSync(path, TEXT);
  await read();
  rmSync(path);
  expect(await read()).toBe('gone');
  writeFileSync(path, '');
  expect(await read(join(path, 'below.jsonl'))).toBe('gone');
});

test.each(SPECIAL_FILES)('%s in the place of a file is unreadable at once', async (_, make) => {
  const { path, read } = follower();
  await make(path);
  expect(await read()).toBe('unreadable');
});

test('lines that cross the chunks are told whole, also long ones', async () => {
  const { path, told, read } = follower();
  const lines = [100, 262_144, 262_143, 3_000_000, 5, 600_000].map((length, index) => String(index).repeat(length));
  writeFileSync(path, lines.join('\n'));
  appendFileSync(path, '\nend\n');
  await read();
  expect(told.lines).toEqual([...lines.map(brief), 'end']);
});

test('a line of 20 MB is passed over and counted, one of 16 MiB is told', async () => {
  const { path, told, read, state } = follower();
  writeFileSync(path, `first\n${'x'.repeat(20_000_000)}\n${'y'.repeat(16 * 1024 * 1024)}\nlast\n`);
  await read();
  expect(told.lines).toEqual(['first', brief('y'.repeat(16 * 1024 * 1024)), 'last']);
  expect(state()?.skipped).toBe(1);
});

test('a line that grows too long over several looks is passed over, and the next one is told', async () => {
  const { path, told, read, state } = follower();
  writeFileSync(path, 'first\n');
  for (let piece = 0; piece < 5; piece += 1) {
    appendFileSync(path, 'x'.repeat(4_000_000));
    await read();
  }
  appendFileSync(path, 'x\nlast\n');
  expect(await read()).toBe('continued');
  expect(told.lines).toEqual(['last']);
  expect(state()?.skipped).toBe(1);
});

test('a large file is told in batches, each of whose states goes on without a gap', async () => {
  const { path, told, read } = follower();
  const line = `${'z'.repeat(99)}\n`;
  writeFileSync(path, line.repeat(100_000));
  await read();
  expect(told.lines).toHaveLength(100_000);
  const [first] = told.states;
  expect(told.states).toHaveLength(3);
  let rest = 0;
  await new LineTail().read(
    path,
    { ...first!, look: { ...first!.look, size: first!.seen } },
    {
      begin: (start) => expect(start).toBe('continued'),
      take: () => (rest += 1),
      reached: () => undefined,
    },
  );
  expect(first!.offset / line.length + rest).toBe(100_000);
});

test('a compressed file tells the lines of its plain twin with the same keys, its last one even without an end', async () => {
  const { path, told, read } = follower();
  writeFileSync(path, TEXT);
  await read();
  const { lines, keys } = told;
  const packed = follower(`${path}.zst`);
  writeFileSync(packed.path, zstdCompressSync(TEXT.slice(0, -1)));
  expect(await packed.read()).toBe('anew');
  expect(packed.told.lines).toEqual(lines);
  expect(packed.told.keys).toEqual(keys);
  expect(await packed.read()).toBe('untouched');
});

test('a compressed file of several frames is told to its end', async () => {
  const { path, told, read } = follower(join(temporaryFolder(), 'log.jsonl.zst'));
  const cut = [0, 40, 41, 2_000, TEXT.length];
  const frames = cut.slice(1).map((end, index) => zstdCompressSync(TEXT.slice(cut[index], end)));
  writeFileSync(path, Buffer.concat(frames));
  await read();
  expect(told.lines).toEqual(LINES);
});

test('a compressed file that is cut off tells its damage and no line that is not whole, is left alone, and is told anew when it is whole', async () => {
  const { path, told, read, tail, state } = follower(join(temporaryFolder(), 'log.jsonl.zst'));
  const whole = Buffer.concat([zstdCompressSync(TEXT), zstdCompressSync(TEXT)]);
  writeFileSync(path, whole.subarray(0, whole.length - 9));
  const nothing = { begin: () => undefined, take: () => undefined, reached: () => undefined };
  expect(await tail.read(path, undefined, nothing)).toEqual({ kind: 'read', start: 'anew', damage: 'Z_BUF_ERROR' });
  await read();
  expect(told.lines.every((line) => LINES.includes(line))).toBe(true);
  expect(told.lines.length).toBeGreaterThanOrEqual(LINES.length);
  expect(await read()).toBe('untouched');
  expect(state()?.offset).toBe(0);
  writeFileSync(path, whole);
  expect(await read()).toBe('anew');
  expect(told.lines).toEqual([...LINES, ...LINES]);
});

test('a compressed file that breaks off within a line tells the lines before it, and no part of that one', async () => {
  const { path, told, read } = follower(join(temporaryFolder(), 'log.jsonl.zst'));
  const lines = Array.from({ length: 9_000 }, (_, index) => `${index} ${crc32(String(index))} ${'-'.repeat(60)}`);
  const whole = zstdCompressSync(lines.join('\n'));
  writeFileSync(path, whole.subarray(0, whole.length / 2));
  await read();
  expect(told.lines.length).toBeGreaterThan(1_000);
  expect(told.lines).toEqual(lines.slice(0, told.lines.length));
});

test('a compressed file that was told in part when its reader ended is told anew', async () => {
  const { path, told, read, tail } = follower(join(temporaryFolder(), 'log.jsonl.zst'));
  writeFileSync(path, zstdCompressSync(`${'z'.repeat(99)}\n`.repeat(100_000)));
  await read();
  expect(told.states.length).toBeGreaterThan(2);
  const restart = { begin: () => undefined, take: () => undefined, reached: () => undefined };
  for (const state of told.states.slice(0, -1)) {
    expect(await tail.read(path, state, restart)).toEqual({ kind: 'read', start: 'anew' });
  }
});

test('the key of a line stays the same however much follows it', async () => {
  const { path, told, read } = follower();
  writeFileSync(path, 'short\nshorter\n');
  await read();
  const { keys } = told;
  writeFileSync(`${path}.copy`, readFileSync(path).toString() + TEXT);
  const copy = follower(`${path}.copy`);
  await copy.read();
  expect(copy.told.keys.slice(0, 2)).toEqual(keys);
  expect(new Set(copy.told.keys.map((key) => key.split(':')[0])).size).toBeGreaterThan(2);
});

test('what a taker throws comes out, and the file is closed', async () => {
  const { path, tail } = follower();
  writeFileSync(path, TEXT);
  const failing = {
    begin: () => undefined,
    take: () => {
      throw new Error('a bug');
    },
    reached: () => undefined,
  };
  await expect(tail.read(path, undefined, failing)).rejects.toThrow('a bug');
  mkdirSync(`${path}.d`);
  await expect(tail.read(`${path}.d`, undefined, failing)).resolves.toMatchObject({ kind: 'unreadable' });
});
