import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeCursorHome } from '../../../../bench/meters/cursor-database.ts';
import { startCursorWriter } from '../../../../bench/meters/cursor-live.ts';
import { type CursorState, lookAtCursor } from '../../../../src/daemon/meters/cursor/cursor-reader.ts';
import { CursorSignal } from '../../../../src/daemon/meters/cursor/cursor-signal.ts';
import { temporaryFolder } from '../../../support/folders.ts';
import { until } from '../../../support/until.ts';

// The long form: `LONG=1`, ten minutes beside a Cursor that works, in place of six seconds; `LONG=60` for so many seconds.
const { LONG } = process.env;
const SECONDS = LONG === undefined ? 6 : LONG === '1' ? 600 : Number(LONG);
const COMMITS_PER_SECOND = 15;

test(`beside a Cursor that works for ${SECONDS} s every figure arrives, no commit or checkpoint is refused, and no file comes or stays`, {
  timeout: (SECONDS + 60) * 1000,
}, async () => {
  const home = makeCursorHome(temporaryFolder(), 5);
  home.close();
  const folder = dirname(home.path);
  const before = readdirSync(folder);
  const told = new Map<string, unknown>();
  const truth = new Map<string, unknown>();
  const names = new Set<string>();
  const standings = new Set<string>();
  let state: CursorState | undefined;
  let looks = 0;
  const signal = new CursorSignal({
    folder,
    platform: process.platform,
    onSignal: () => {
      const seen = lookAtCursor({ path: home.path, isWsl: false }, state, Date.now());
      state = seen.state;
      looks += 1;
      standings.add(seen.standing.state);
      for (const { conversation, used } of seen.observations) told.set(conversation, used);
      for (const name of readdirSync(folder)) names.add(name);
    },
  });
  onTestFinished(() => signal.close());
  signal.start();
  await until(() => looks > 0, 'the database that is there is looked at');
  told.clear();
  const order = {
    ...{ path: home.path, seed: 6, conversations: 12 },
    ...{ commitsPerSecond: COMMITS_PER_SECOND, commits: SECONDS * COMMITS_PER_SECOND },
  };
  const writer = startCursorWriter(order, ({ conversation, gauge }) => {
    if (gauge) truth.set(conversation, gauge.used);
  });
  const { commits, refusedCommits, checkpoints, refusedCheckpoints } = await writer.ended;
  await until(() => [...truth].every(([name, used]) => told.get(name) === used), 'every figure has arrived');
  expect(told).toEqual(truth);
  expect(commits).toBe(order.commits);
  expect(checkpoints).toBe(Math.floor(order.commits / 10));
  expect({ refusedCommits, refusedCheckpoints }).toEqual({ refusedCommits: 0, refusedCheckpoints: 0 });
  expect(looks).toBeGreaterThan(commits / 2);
  expect([...standings]).toEqual(['read']);
  expect([...names].sort()).toEqual(['state.vscdb', 'state.vscdb-shm', 'state.vscdb-wal']);
  await until(() => readdirSync(folder).length === 1, 'Cursor has taken its log along');
  expect(readdirSync(folder)).toEqual(before);
});
