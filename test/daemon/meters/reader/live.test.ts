import { rmSync, truncateSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../support/folders.ts';
import { MEMORY } from '../../../support/scratch.ts';
import { until } from '../../../support/until.ts';
import { metersIn, rowsIn } from '../store/meters-at.ts';
import { append, message, transcript, write } from './logs.ts';
import { here, orderFor, ReaderAt, SETTINGS } from './reader-at.ts';

function started(more: Parameters<typeof orderFor>[2] = {}) {
  const home = temporaryFolder(MEMORY);
  const path = metersIn(temporaryFolder(MEMORY));
  const order = orderFor(home, path, more);
  return { home, path, order, start: () => new ReaderAt(order) };
}

test('at its start it tells every meter, source and outbox row, and then what it reads', async () => {
  const { home, order } = started();
  write(transcript(home, 'one'), [message('m', 5)]);
  const first = new ReaderAt(order);
  await first.look();
  await first.end();
  const second = new ReaderAt(order);
  await second.look();
  expect(second.said.slice(0, 3)).toMatchObject([
    { says: 'meters', meters: [{ meter: 'claude', tokens: { all: 5 } }] },
    { says: 'outbox', rows: [] },
    { says: 'sources', sources: [{ tool: 'claude', state: 'read' }, { tool: 'codex' }] },
  ]);
});

test('a line is told once it is there, a line without an end only when that has come', async () => {
  const { home, start } = started();
  const path = transcript(home, 'one');
  write(path, [message('m', 5)]);
  const reader = start();
  await reader.look();
  append(path, [message('n', 7)]);
  await reader.lookAt('claude', path);
  expect(reader.total('claude')).toBe(12);
  const line = JSON.stringify(message('o', 9));
  append(path, [line]);
  truncateSync(
    path,
    Buffer.byteLength(`${JSON.stringify(message('m', 5))}\n${JSON.stringify(message('n', 7))}\n`) + 20,
  );
  await reader.lookAt('claude', path);
  expect(reader.total('claude')).toBe(12);
  append(path, [line.slice(20)]);
  await reader.lookAt('claude', path);
  expect(reader.total('claude')).toBe(21);
});

test('a new file in a new folder is read, and one that is gone stays counted and is read no more', async () => {
  const { home, path, start } = started();
  const reader = start();
  await reader.look();
  write(transcript(home, 'one'), [message('m', 5)]);
  await reader.look([{ tool: 'claude', path: join(home, '.claude', 'projects', '-work-shop'), isFolder: true }]);
  expect(reader.total('claude')).toBe(5);
  rmSync(transcript(home, 'one'));
  await reader.lookAt('claude', transcript(home, 'one'));
  expect(rowsIn(path, 'select * from file')).toEqual([]);
  write(transcript(home, 'two'), [message('m', 5), message('n', 1)]);
  await reader.look();
  expect(reader.total('claude')).toBe(6);
  rmSync(join(home, '.claude'), { recursive: true });
  await reader.look();
  expect(rowsIn(path, 'select * from file')).toEqual([]);
  expect(reader.total('claude')).toBe(6);
});

test('what grows is told before the past is read to its end', async () => {
  const { home, order } = started({ together: 50 });
  const lines = (file: number) => Array.from({ length: 40 }, (_, line) => message(`${file}-${line}`, 1));
  for (let file = 0; file < 60; file++) write(transcript(home, `past-${file}`), lines(file));
  const reader = new ReaderAt(order);
  await reader.until('sources', ({ sources }) => sources.some(({ state }) => state === 'reading'));
  await until(() => reader.total('claude') > 0, 'the past is being read');
  write(transcript(home, 'now'), [message('now', 1_000_000)]);
  await reader.lookAt('claude', transcript(home, 'now'));
  const told = reader.said.flatMap((word) => ('says' in word && word.says === 'meters' ? word.meters : []));
  const totals = told.flatMap((meter) => (meter.kind === 'counter' ? meter.tokens.all : []));
  await until(() => reader.total('claude') === 1_000_000 + 60 * 40, 'the past is read');
  expect(totals.at(-1)).toBeLessThan(1_000_000 + 60 * 40);
});

test('how old a file may be bounds only those that were never read', async () => {
  const now = () => Date.UTC(2026, 10, 20);
  const { home, path } = started();
  const [young, old] = [transcript(home, 'young'), transcript(home, 'old')];
  const age = (file: string, days: number) => utimesSync(file, now() / 1000, now() / 1000 - days * 86_400);
  write(young, [message('y', 5)]);
  write(old, [message('o', 7)]);
  age(young, 34);
  age(old, 36);
  const order = orderFor(home, path, { settings: { ...SETTINGS, backfill_days: 35 } });
  const reader = new ReaderAt(order, here({ now }));
  await reader.look();
  expect(reader.total('claude')).toBe(5);
  append(young, [message('z', 1)]);
  age(young, 40);
  await reader.look();
  expect(reader.total('claude')).toBe(6);
  append(old, [message('p', 1)]);
  await reader.lookAt('claude', old);
  expect(reader.total('claude')).toBe(14);
});

test('a meter feeds the budget from the moment at which it was set, however much later the reader hears of it', async () => {
  const { home, order } = started();
  const clock = { ms: Date.now() };
  write(transcript(home, 'one'), [message('m', 5)]);
  const reader = new ReaderAt(order, here({ now: () => clock.ms }));
  await reader.look();
  const sinceMs = clock.ms + 1_000;
  clock.ms += 60_000;
  const lines = [
    message('before', 300, new Date(sinceMs - 1).toISOString()),
    message('after', 70, new Date(sinceMs).toISOString()),
  ];
  reader.tell({ tell: 'settings', settings: { ...order.settings, main: ['claude'] }, sinceMs });
  append(transcript(home, 'one'), lines);
  expect(await reader.ask({ handOut: 'all' })).toMatchObject({ rows: [{ tokens: 70 }] });
});

test('a source that is switched off is read no more, and one that is switched on is', async () => {
  const { home, start, order } = started();
  write(transcript(home, 'one'), [message('m', 5)]);
  const reader = start();
  await reader.look();
  await reader.until('sources', ({ sources }) => sources.every(({ state }) => state === 'read'));
  const told = reader.said.length;
  reader.tell({ tell: 'settings', settings: { ...order.settings, sources: ['codex'], projects: 'off' } });
  append(transcript(home, 'one'), [message('n', 7)]);
  await reader.look();
  expect(reader.said.slice(told)).toEqual([
    { says: 'outbox', rows: [] },
    { says: 'sources', sources: [{ tool: 'codex', state: 'read' }] },
    { says: 'done', looks: 2 },
  ]);
  reader.tell({ tell: 'settings', settings: order.settings });
  await until(() => reader.total('claude') === 12, 'it is read again');
});
