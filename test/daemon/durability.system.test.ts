import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startDaemon, type TestDaemon } from '../support/daemon.ts';

const ROUNDS = 6;

test('what was acknowledged before a kill is there after it, once, and a repeat under the same id counts nothing twice', {
  retry: 0,
}, async () => {
  let daemon = await startDaemon();
  const { folder } = daemon;
  const acknowledged = new Set<string>();
  for (let round = 0; round < ROUNDS; round++) {
    const offered: string[] = [];
    const recorder = async (name: string) => {
      for (let count = 0; ; count++) {
        const id = `${round}-${name}-${count}`;
        offered.push(id);
        await daemon.rpc('usage.record', { tokens: 1, sync_type: 'auto', id });
        acknowledged.add(id);
        if (acknowledged.size >= (round + 1) * 25) await daemon.kill();
      }
    };
    await Promise.allSettled(['a', 'b', 'c', 'd'].map(recorder));
    daemon = await startDaemon({ folder });
    // Before the repeats, which would bring back what was lost.
    const kept = await recordedIds(daemon);
    expect([...acknowledged].filter((id) => !kept.includes(id))).toEqual([]);
    for (const id of offered) {
      await daemon.rpc('usage.record', { tokens: 1, sync_type: 'auto', id });
      acknowledged.add(id);
    }
  }
  expect((await recordedIds(daemon)).toSorted()).toEqual([...acknowledged].toSorted());
  expect(await daemon.rpc('usage.get')).toMatchObject({ used: acknowledged.size });
  const file = JSON.parse(readFileSync(join(folder, 'architect_monitor.json'), 'utf8'));
  expect(file.token_usage.used).toBe(acknowledged.size);
});

test('a ledger that lost its last line is noticed by the same look', { retry: 0 }, async () => {
  const daemon = await startDaemon();
  for (const id of ['first', 'last']) await daemon.rpc('usage.record', { tokens: 1, sync_type: 'auto', id });
  await daemon.kill();
  const ledger = join(daemon.folder, 'ledger', '000001.jsonl');
  const lines = readFileSync(ledger, 'utf8').trimEnd().split('\n');
  writeFileSync(ledger, `${lines.slice(0, -1).join('\n')}\n`);
  rmSync(join(daemon.folder, 'architect_monitor.json'));
  expect(await recordedIds(await startDaemon({ folder: daemon.folder }))).toEqual(['first']);
});

async function recordedIds(daemon: TestDaemon): Promise<string[]> {
  const { sessions } = (await daemon.rpc('usage.history', { limit: 1_000 })) as { sessions: { id: string }[] };
  return sessions.map(({ id }) => id);
}
