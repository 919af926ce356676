import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { STATE_FILE } from '../../src/protocol/addresses.ts';
import { startDaemon, type TestDaemon } from '../support/daemon.ts';
import { freshFolder, temporaryFolder } from '../support/folders.ts';
import { until } from '../support/until.ts';

const STATE = { token_usage: { used: 100, total: 1_000, sessions: [] }, status: 'theirs', last_updated: '' };

const usedIn = (path: string) =>
  existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).token_usage.used : undefined;

/** Records 5 and sees it behind the link, which is still one. */
async function recordsThrough(daemon: TestDaemon, target: string): Promise<void> {
  const link = readlinkSync(daemon.path(STATE_FILE));
  const { total_used, ...receipt } = await daemon.rpc('usage.record', { tokens: 5, sync_type: 'auto' });
  expect(receipt).not.toHaveProperty('state_file');
  expect(lstatSync(daemon.path(STATE_FILE)).isSymbolicLink()).toBe(true);
  expect(readlinkSync(daemon.path(STATE_FILE))).toBe(link);
  expect(lstatSync(target).isFile()).toBe(true);
  expect(usedIn(target)).toBe(total_used);
}

describe('a state file that is a link at the start stays one, and its target is written', () => {
  test.each<[string, (folder: string, elsewhere: string) => string]>([
    [
      'that names the whole path',
      (folder, elsewhere) => {
        symlinkSync(join(elsewhere, 'state.json'), join(folder, STATE_FILE));
        return join(elsewhere, 'state.json');
      },
    ],
    [
      'to another link, which counts from where its folder really lies',
      (folder, elsewhere) => {
        mkdirSync(join(elsewhere, 'deep', 'links'), { recursive: true });
        symlinkSync('../state.json', join(elsewhere, 'deep', 'links', 'link'));
        symlinkSync(join(elsewhere, 'deep', 'links'), join(folder, 'way'));
        symlinkSync('way/link', join(folder, STATE_FILE));
        return join(elsewhere, 'deep', 'state.json');
      },
    ],
  ])(
    'a state file that is a link at the start stays one, whether its target is there or not yet: %s',
    async (_, link) => {
      for (const isThere of [true, false]) {
        const folder = freshFolder();
        mkdirSync(folder, { recursive: true });
        const target = link(folder, temporaryFolder());
        if (isThere) writeFileSync(target, JSON.stringify(STATE));
        const daemon = await startDaemon({ folder });
        expect((await daemon.rpc('usage.get')).used).toBe(isThere ? 100 : 0);
        await recordsThrough(daemon, target);
      }
    },
  );

  test('a state file that links into a missing folder is told, and written when the folder comes', async () => {
    const folder = freshFolder();
    mkdirSync(folder, { recursive: true });
    const elsewhere = join(temporaryFolder(), 'not-yet');
    symlinkSync(join(elsewhere, 'state.json'), join(folder, STATE_FILE));
    const daemon = await startDaemon({ folder });
    const receipt = await daemon.rpc('usage.record', { tokens: 5, sync_type: 'auto' });
    expect(receipt).toMatchObject({ total_used: 5, state_file: 'behind' });

    mkdirSync(elsewhere);
    await until(() => usedIn(join(elsewhere, 'state.json')) === 5, 'the file has followed');
    await recordsThrough(daemon, join(elsewhere, 'state.json'));
  });
});

describe('a state file that becomes a link while the daemon runs', () => {
  /** As `ln -sf` does it. */
  function linkTo(daemon: TestDaemon, target: string): void {
    symlinkSync(target, daemon.path('link'));
    renameSync(daemon.path('link'), daemon.path(STATE_FILE));
  }

  test('a state file that becomes a link to a copy of itself stays a link', async () => {
    const daemon = await startDaemon();
    await daemon.rpc('usage.record', { tokens: 10, sync_type: 'auto' });
    const target = join(temporaryFolder(), 'state.json');
    writeFileSync(target, daemon.read(STATE_FILE));
    linkTo(daemon, target);

    await recordsThrough(daemon, target);
    await recordsThrough(daemon, target);
  });

  test('a state file that becomes a link to an edited file takes the edit over, then and later, within a second', async () => {
    const daemon = await startDaemon();
    const target = join(temporaryFolder(), 'state.json');
    const edit = (used: number) => {
      const state = daemon.state();
      writeFileSync(`${target}.new`, JSON.stringify({ ...state, token_usage: { ...state.token_usage, used } }));
      renameSync(`${target}.new`, target);
    };
    edit(70);
    linkTo(daemon, target);
    await until(async () => (await daemon.rpc('usage.get')).used === 70, 'the file behind the link is taken over');
    edit(80);
    await until(async () => (await daemon.rpc('usage.get')).used === 80, 'so is a later edit of it');
    await recordsThrough(daemon, target);
  });

  test('a state file that becomes a link to nothing is made there', async () => {
    const daemon = await startDaemon();
    await daemon.rpc('usage.record', { tokens: 10, sync_type: 'auto' });
    const target = join(temporaryFolder(), 'state.json');
    linkTo(daemon, target);
    await until(() => usedIn(target) === 10, 'the file is made where the link leads');
    await recordsThrough(daemon, target);
  });

  test('a link that leads to another file than before leaves the first alone from then on', async () => {
    const daemon = await startDaemon();
    const [first, second] = [join(temporaryFolder(), 'state.json'), join(temporaryFolder(), 'state.json')];
    for (const target of [first, second]) {
      writeFileSync(target, daemon.read(STATE_FILE));
      linkTo(daemon, target);
      await recordsThrough(daemon, target);
    }
    expect([usedIn(first), usedIn(second)]).toEqual([5, 10]);
  });

  test('a link that becomes a file again is written in its own place', async () => {
    const daemon = await startDaemon();
    const target = join(temporaryFolder(), 'state.json');
    writeFileSync(target, daemon.read(STATE_FILE));
    linkTo(daemon, target);
    await recordsThrough(daemon, target);
    rmSync(daemon.path(STATE_FILE));
    await until(() => existsSync(daemon.path(STATE_FILE)), 'it is made anew');
    await daemon.rpc('usage.record', { tokens: 5, sync_type: 'auto' });

    expect(lstatSync(daemon.path(STATE_FILE)).isFile()).toBe(true);
    expect([usedIn(target), usedIn(daemon.path(STATE_FILE))]).toEqual([5, 10]);
  });
});
