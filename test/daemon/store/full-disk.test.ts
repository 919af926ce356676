import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../../support/folders.ts';
import { needs } from '../../support/needs.ts';
import { execFileSync } from '../../support/programs.ts';
import { until } from '../../support/until.ts';
import { historyFiles, openStore } from './opened-store.ts';

/** Mounts a file system of its own; only root may. */
function mountTiny(kilobytes: number): string | undefined {
  needs('mount', 'umount');
  const folder = temporaryFolder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', folder], { stdio: 'pipe' });
  } catch {
    return undefined;
  }
  onTestFinished(() => {
    execFileSync('umount', ['-l', folder]);
  });
  return folder;
}

test('a disk that fills up refuses readings, keeps all it took, and records again when there is room', async ({
  skip,
}) => {
  const folder = mountTiny(1024);
  if (folder === undefined) return skip('a file system can only be mounted by root, on Linux');
  const first = await openStore(folder);
  const ballast = join(folder, 'ballast');
  writeFileSync(ballast, Buffer.alloc(600 * 1024));
  const accepted: string[] = [];
  let refused = 0;
  for (let count = 0; refused < 20; count++) {
    const id = `r${count}`;
    try {
      await first.record(10, { id, event: 'x'.repeat(500) });
      accepted.push(id);
    } catch (error) {
      expect(error).toMatchObject({ kind: 'storage_failed', text: { en: 'the disk is full; nothing was recorded' } });
      refused++;
    }
  }
  expect(accepted.length).toBeGreaterThan(10);
  expect(first.usage).toMatchObject({ used: accepted.length * 10, sessions_count: accepted.length });

  rmSync(ballast);
  await first.record(10, { id: 'after' });
  await until(() => first.state().token_usage.used === first.usage.used, 'the state file has caught up');
  await first.close();

  const second = await openStore(folder);
  expect(await second.historyIds()).toEqual(['after', ...accepted.toReversed()]);
  expect(second.usage.used).toBe((accepted.length + 1) * 10);
  expect(second.warningCodes()).toEqual([]);
});

test('a history for which the disk has no room is held in memory, takes no room from the readings, and is there again when there is some', async ({
  skip,
}) => {
  const folder = mountTiny(24 * 1024);
  if (folder === undefined) return skip('a file system can only be mounted by root, on Linux');
  const first = await openStore(folder);
  for (let part = 0; part < 15; part++) {
    await first.import(
      Array.from({ length: 1_000 }, (_, at) => ({ tokens: 1, id: `${part}-${at}`, event: 'x'.repeat(40) })),
    );
  }
  await first.close();
  for (const name of historyFiles(folder)) rmSync(join(folder, name));
  const ballast = join(folder, 'ballast');
  writeFileSync(ballast, Buffer.alloc(16 * 1024 * 1024));

  const second = await openStore(folder);
  for (let count = 0; count < 20; count++) await second.record(1, { id: `new-${count}` });
  expect(await second.queries.sum({})).toEqual({ readings: 15_020, tokens: 15_020 });
  // While it was tried the state file may have found no room either.
  await until(() => second.warningCodes().join() === 'history_in_memory', 'the state file has caught up');
  expect(historyFiles(folder)).toEqual([]);
  await second.close();
  rmSync(ballast);

  const third = await openStore(folder);
  expect(await third.queries.sum({})).toEqual({ readings: 15_020, tokens: 15_020 });
  expect(third.warningCodes()).toEqual([]);
});
