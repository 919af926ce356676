import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadSqlite } from '../../../../src/daemon/disk/quiet-sqlite.ts';
import type { Observation } from '../../../../src/daemon/meters/observation.ts';
import { temporaryFolder } from '../../../support/folders.ts';
import { MEMORY } from '../../../support/scratch.ts';
import { until } from '../../../support/until.ts';
import { assistant } from '../forms/claude-lines.ts';
import { metersIn, rowsIn } from '../store/meters-at.ts';
import { append, message, transcript, write } from './logs.ts';
import { here, orderFor, ReaderAt, SETTINGS } from './reader-at.ts';

const NOW_MS = Date.UTC(2026, 10, 20);

function started(settings: Partial<typeof SETTINGS> = {}, options: Parameters<typeof here>[0] = {}) {
  const home = temporaryFolder(MEMORY);
  const path = metersIn(temporaryFolder(MEMORY));
  const order = orderFor(home, path, { settings: { ...SETTINGS, ...settings } });
  return { home, path, order, start: () => new ReaderAt(order, here({ now: () => NOW_MS, reopenMs: 20, ...options })) };
}

/** A message of so many tokens that was written after the meters began to feed the budget. */
const later = (id: string, tokens: number, timestamp = '2026-11-20T00:00:01.000Z') =>
  assistant({ input_tokens: tokens, output_tokens: 0 }, { id }, { timestamp });

const gauge: Observation = {
  ...{ kind: 'gauge', meter: 'cursor.context', conversation: 'c', used: 30_000, atMs: NOW_MS },
  provenance: 'exact',
};

test('what grew is handed out as it is by now, though nobody has told where to look, and once settled no more', async () => {
  const { home, start } = started({ main: ['claude'] });
  const path = transcript(home, 'one');
  write(path, [later('past', 100, '2026-11-19T23:59:59.000Z'), later('m', 5)]);
  const reader = start();
  await reader.look();
  append(path, [later('n', 7)]);
  const answer = await reader.ask({ handOut: 'all' });
  const rows = 'rows' in answer ? answer.rows : [];
  expect(rows).toMatchObject([{ meter: 'claude', tokens: 12, isHandedOut: true }]);
  append(path, [later('o', 1)]);
  await reader.lookAt('claude', path);
  expect(await reader.ask({ handOut: [rows[0]!.seq] })).toMatchObject({ rows: [{ tokens: 12 }] });
  reader.tell({ tell: 'settle', seqs: [rows[0]!.seq] });
  expect(await reader.ask({ handOut: 'all' })).toMatchObject({ rows: [{ tokens: 1 }] });
  const told = reader.said.findLast((word) => 'says' in word && word.says === 'outbox');
  expect(told).toMatchObject({ rows: [{ tokens: 1, isHandedOut: true }] });
});

test('what programs told by themselves is saved and told at once', async () => {
  const { start, order, path } = started();
  const reader = start();
  reader.tell({ tell: 'observed', observations: [gauge] });
  await until(() => reader.meters.length === 1, 'the gauge is told');
  expect(reader.meters).toMatchObject([{ meter: 'cursor.context', used: 30_000 }]);
  await reader.end();
  const next = new ReaderAt({ ...order, path });
  expect(await next.until('meters')).toMatchObject({ meters: [{ meter: 'cursor.context', used: 30_000 }] });
});

test('sums are answered as they are asked for, and what cannot be answered is refused', async () => {
  const { home, start } = started();
  write(transcript(home, 'one'), [message('m', 5)]);
  const reader = start();
  await reader.look();
  const tokens = expect.objectContaining({ input: 5, fresh: 5, all: 5 });
  expect(await reader.ask({ stats: { by: ['tool', 'project'] } })).toMatchObject({
    stats: [{ tool: 'claude', project: 'project', tokens, calls: 1 }],
  });
  expect(await reader.ask({ stats: { by: ['tool', 'tool'] } })).toMatchObject({
    refusal: {
      kind: 'invalid_params',
      field: 'by',
      text: { zh: expect.any(String) },
      hint: { en: expect.any(String) },
    },
  });
  expect(await reader.ask({ stats: { by: ['day'], timeZone: 'Mars/Olympus' } })).toMatchObject({
    refusal: { kind: 'invalid_params' },
  });
});

test('while the database is locked the sources say so and questions are refused; then all is read and nothing is lost', async () => {
  const { home, path, start } = started({ main: ['claude'] });
  write(transcript(home, 'one'), [later('m', 5)]);
  const reader = start();
  await reader.look();
  const db = new (loadSqlite().DatabaseSync)(path);
  db.exec('begin exclusive');
  append(transcript(home, 'one'), [later('n', 7)]);
  const looked = reader.lookAt('claude', transcript(home, 'one'));
  reader.tell({ tell: 'observed', observations: [gauge] });
  const degraded = await reader.until('sources', ({ sources }) => sources.every(({ state }) => state === 'degraded'));
  expect(degraded.sources[0]!.reason!.en).toContain('locked');
  expect(reader.said).toContainEqual(expect.objectContaining({ says: 'warning', code: 'meters_storage' }));
  expect(await reader.ask({ stats: { by: [] } })).toMatchObject({ refusal: { kind: 'busy' } });
  db.exec('rollback');
  db.close();
  await looked;
  await until(() => reader.total('claude') === 12, 'it is read after all');
  expect(reader.standing('claude')).toEqual({ tool: 'claude', state: 'read' });
  expect(reader.meters).toContainEqual(expect.objectContaining({ meter: 'cursor.context', used: 30_000 }));
  expect(await reader.ask({ handOut: 'all' })).toMatchObject({ rows: [{ tokens: 12 }] });
});

test('a database that is damaged is set aside, which is told, and everything is counted anew', async () => {
  const { home, path, start } = started();
  write(transcript(home, 'one'), [message('m', 5)]);
  writeFileSync(path, 'this is no database, and was never one');
  const reader = start();
  await reader.look();
  expect(reader.total('claude')).toBe(5);
  expect(reader.said).toContainEqual(expect.objectContaining({ says: 'warning', code: 'meters_set_aside' }));
});

test('a database that was taken away while it was open is begun anew', async () => {
  const { home, path, start } = started();
  write(transcript(home, 'one'), [message('m', 5)]);
  const reader = start();
  await reader.look();
  rmSync(path);
  append(transcript(home, 'one'), [message('n', 7)]);
  await reader.lookAt('claude', transcript(home, 'one'));
  await until(() => reader.total('claude') === 12, 'all is counted anew');
});

test('where the database cannot be opened at first it is tried again', async () => {
  const { home, path, start } = started();
  write(transcript(home, 'one'), [message('m', 5)]);
  const db = new (loadSqlite().DatabaseSync)(path);
  db.exec('pragma journal_mode = wal; begin exclusive');
  const reader = start();
  await reader.until('sources', ({ sources }) => sources.every(({ state }) => state === 'degraded'));
  db.close();
  await reader.look();
  expect(reader.total('claude')).toBe(5);
});

test('figures beyond what can be counted exactly are left out, and told', async () => {
  const { home, start } = started();
  write(transcript(home, 'one'), [message('m', 2 ** 52), message('n', 2 ** 52)]);
  const reader = start();
  await reader.look();
  expect(reader.total('claude')).toBe(2 ** 52);
  expect(reader.said).toContainEqual(expect.objectContaining({ says: 'warning', code: 'meters_refused' }));
});

test('a tool that keeps its figures otherwise is read by a reader of its own, begun with what was saved', async () => {
  const kept: unknown[] = [];
  const looks: string[] = [];
  let trouble = false;
  const others: NonNullable<Parameters<typeof here>[0]>['others'] = [
    (files) => {
      kept.push(files);
      return {
        tool: 'cursor',
        look: async ({ path }) => {
          looks.push(path);
          const file = { path: `${path}/state.vscdb`, source: 'cursor', place: { rowid: looks.length } };
          const why = { text: { zh: '坏', en: 'broken' }, hint: { zh: '修', en: 'mend it' } };
          return { parts: [{ file, observations: [gauge] }], ...(trouble && { trouble: why }) };
        },
      };
    },
  ];
  const folder = temporaryFolder(MEMORY);
  mkdirSync(`${folder}/cursor`);
  const root = {
    tool: 'cursor',
    form: 'database',
    path: `${folder}/cursor`,
    depth: 0,
    files: 'x',
    isWsl: false,
  } as const;
  const order = { path: metersIn(folder), settings: SETTINGS, roots: [root] };
  const reader = new ReaderAt(order, here({ others }));
  await reader.look([]);
  await until(() => reader.meters.length === 1, 'the gauge is told');
  expect(reader.standing('cursor')).toEqual({ tool: 'cursor', state: 'read' });
  trouble = true;
  await reader.look([{ tool: 'cursor', path: root.path, isFolder: true }]);
  expect(reader.standing('cursor')).toMatchObject({ state: 'degraded', reason: { en: 'broken' }, hint: { zh: '修' } });
  expect(looks.length).toBeGreaterThanOrEqual(2);
  await reader.end();
  const rowid = looks.length;
  await new ReaderAt(order, here({ others })).until('sources');
  expect(kept).toMatchObject([[], [{ source: 'cursor', place: { rowid } }]]);
});

test('a reader that goes on after another has opened the database saves nothing any more, and ends', async () => {
  const { home, path, order, start } = started();
  write(transcript(home, 'one'), [message('m', 5)]);
  const orphan = start();
  await orphan.look();
  const next = new ReaderAt(order);
  await next.look();
  append(transcript(home, 'one'), [message('n', 7)]);
  orphan.tell({ tell: 'look', at: [{ tool: 'claude', path: transcript(home, 'one'), isFolder: false }] });
  await expect(orphan.ended()).rejects.toThrow('another process');
  await next.lookAt('claude', transcript(home, 'one'));
  expect(next.total('claude')).toBe(12);
  expect(rowsIn(path, 'select input, calls from counter')).toEqual([{ input: 12, calls: 2 }]);
});
