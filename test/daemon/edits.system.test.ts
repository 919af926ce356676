import { once } from 'node:events';
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { STATE_FILE } from '../../src/protocol/addresses.ts';
import type { Session } from '../../src/protocol/methods.ts';
import { startDaemon, type TestDaemon } from '../support/daemon.ts';
import { freshFolder } from '../support/folders.ts';
import { needs } from '../support/needs.ts';
import { spawn } from '../support/programs.ts';
import { until, within } from '../support/until.ts';
import { unmarked } from './store/opened-store.ts';

// biome-ignore lint/suspicious/noExplicitAny: a test changes what it likes
type State = any;
type Way = 'in place' | 'by rename';

/** Saves a text as editors do. */
function save(daemon: TestDaemon, text: string, way: Way): void {
  if (way === 'in place') {
    writeFileSync(daemon.path(STATE_FILE), text);
    return;
  }
  // The very name that most programs take for it.
  writeFileSync(daemon.path(`${STATE_FILE}.tmp`), text);
  renameSync(daemon.path(`${STATE_FILE}.tmp`), daemon.path(STATE_FILE));
}

/** Loads, changes and saves the state file, as a person does. */
function edit(daemon: TestDaemon, change: (state: State) => void, way: Way = 'in place'): void {
  const state = daemon.state();
  change(state);
  save(daemon, JSON.stringify(state, undefined, 2), way);
}

async function history(daemon: TestDaemon): Promise<Session[]> {
  const all: Session[] = [];
  for (let before: string | undefined; ; ) {
    const page = await daemon.rpc('usage.history', { limit: 1_000, ...(before !== undefined && { before }) });
    all.push(...page.sessions);
    if (page.next === undefined) return all;
    before = page.next;
  }
}

const WAYS: readonly Way[] = ['in place', 'by rename'];

describe.each(WAYS)('an edit %s', (way) => {
  test('an edit is adopted and pushed with the cause `edit` within a second, whatever it changes', async () => {
    const daemon = await startDaemon();
    await daemon.rpc('usage.record', { tokens: 100, id: 'a' });
    await daemon.rpc('usage.record', { tokens: 300, id: 'b' });
    const socket = await daemon.connect();
    let { revision } = await socket.call('usage.subscribe');
    const steps: [string, (state: State) => void, object][] = [
      ['used', (state) => (state.token_usage.used = 500), { used: 500, sessions_count: 2 }],
      ['total', (state) => (state.token_usage.total = 2_000), { total: 2_000, percent: 25 }],
      ['a member of another program', (state) => (state.status = { text: '工作中' }), { used: 500 }],
      ['a session less', (state) => state.token_usage.sessions.pop(), { sessions_count: 1 }],
      [
        'a session more',
        (state) => state.token_usage.sessions.unshift({ tokens: 9, method: 'manual', event: '手动' }),
        { sessions_count: 2, used: 500 },
      ],
      ['a session’s event', (state) => (state.token_usage.sessions[1].event = '改过'), { sessions_count: 2 }],
      ['the time', (state) => (state.last_updated = '2025-11-18T20:30:00.123456'), { used: 500 }],
    ];
    for (const [what, change, usage] of steps) {
      edit(daemon, change, way);
      const text = daemon.read(STATE_FILE);
      const told = await within(1_000, socket.next('usage.changed'), `${what} to be pushed`);
      revision++;
      expect([what, told]).toMatchObject([
        what,
        { cause: 'edit', revision, previous_revision: revision - 1, usage: { ...usage, revision } },
      ]);
      expect(await daemon.rpc('usage.get')).toEqual(told.usage);
      // A valid edit stays as its author wrote it, but for the mark.
      expect(unmarked(daemon.read(STATE_FILE))).toBe(`${unmarked(text)}\n`);
    }
    await daemon.rpc('usage.record', { tokens: 7, id: 'c', sync_type: 'auto' });
    expect(daemon.state()).toMatchObject({
      status: { text: '工作中' },
      token_usage: {
        used: 507,
        total: 2_000,
        sessions: [{ id: 'c' }, { tokens: 9, method: 'manual' }, { id: 'b', event: '改过' }],
      },
    });
    // Nothing is ever erased.
    expect((await history(daemon)).map(({ id, event }) => id ?? event)).toEqual(['c', '手动', 'b', 'a']);
    const { warnings } = await daemon.rpc('daemon.info');
    expect(warnings).toEqual([]);
  });

  test.each<[string, (session: State, index: number) => void]>([
    [
      'loses its id and figure',
      (session) => {
        delete session.id;
        delete session.total_used;
      },
    ],
    ['gets another id', (session, index) => (session.id = `other-${index}`)],
    ['without an id gets another event', (session) => (session.event = `${session.event} (修正)`)],
    ['without an id gets another count', (session) => (session.tokens += 1)],
    ['without an id gets another member', (session) => (session.project = 'A')],
  ])('an edit of a session that %s makes no new session of it, which would be counted again', async (what, change) => {
    const daemon = await startDaemon();
    for (let day = 1; day <= 3; day++) {
      const [event, timestamp] = [`day ${day}`, `2026-11-0${day} 10:00:00`];
      const known = { tokens: 100 * day, event, timestamp };
      if (!what.startsWith('without')) await daemon.rpc('usage.record', { ...known, sync_type: 'auto' });
      else edit(daemon, ({ token_usage }) => token_usage.sessions.unshift({ ...known, method: 'auto' }), way);
    }
    await until(async () => (await history(daemon)).length === 3, 'all are in the history');
    const before = await daemon.rpc('usage.stats', { bucket: 'day' });
    const { revision } = await daemon.rpc('usage.get');

    edit(daemon, ({ token_usage }) => token_usage.sessions.forEach(change), way);
    const edited = daemon.state().token_usage.sessions;
    await until(async () => (await daemon.rpc('usage.get')).revision > revision, 'the edit is adopted');
    await daemon.rpc('usage.set_total', { total: 5_000 });

    expect(daemon.state().token_usage.sessions).toEqual(edited);
    expect(await daemon.rpc('usage.stats', { bucket: 'day' })).toEqual(before);
    expect(await daemon.rpc('usage.get')).toMatchObject({ sessions_count: 3 });
  });

  test.each<[string, (session: State) => void]>([
    ['the ids', (session) => delete session.id],
    ['other ids', (session) => (session.id = `${session.id}-other`)],
  ])('an edit that is taken back brings the sessions back under their ids, after one of %s', async (_, change) => {
    const daemon = await startDaemon();
    for (const [id, tokens] of [
      ['a', 100],
      ['b', 250],
      ['c', 400],
    ] as const) {
      await daemon.rpc('usage.record', { tokens, id });
    }
    const before = daemon.read(STATE_FILE);
    edit(daemon, ({ token_usage }) => token_usage.sessions.forEach(change), way);
    await until(async () => (await daemon.rpc('usage.get')).revision > 3, 'the edit is adopted');
    save(daemon, before, way);
    await until(async () => (await daemon.rpc('usage.get')).revision > 4, 'it is taken back');
    await daemon.rpc('usage.undo');

    expect(daemon.state().token_usage.sessions).toMatchObject([{ id: 'b' }, { id: 'a' }]);
    expect(await daemon.rpc('usage.get')).toMatchObject({ used: 250, sessions_count: 2 });
    expect((await history(daemon)).map(({ id }) => id)).toEqual(['c', 'b', 'a']);
  });

  test('an edit made while the daemon is down is adopted at its start', async () => {
    const first = await startDaemon();
    await first.rpc('usage.record', { tokens: 100, id: 'a' });
    await first.stop();
    edit(
      first,
      (state) => {
        state.token_usage.used = 500;
        state.prompt = '# x';
        state.token_usage.sessions.unshift({ id: 'theirs', tokens: 400 });
      },
      way,
    );

    const second = await startDaemon({ folder: first.folder });

    expect(await second.rpc('usage.get')).toMatchObject({ used: 500, sessions_count: 2, revision: 2 });
    await second.rpc('usage.record', { tokens: 5, id: 'b', sync_type: 'auto' });
    expect(second.state()).toMatchObject({ prompt: '# x', token_usage: { used: 505 } });
    expect((await history(second)).map(({ id }) => id).sort()).toEqual(['a', 'b', 'theirs']);
    expect(await second.rpc('usage.record', { tokens: 1, id: 'theirs' })).toMatchObject({ duplicate: true });
  });

  test('an edit that is not valid is set aside byte for byte and named in the status', async () => {
    const daemon = await startDaemon();
    await daemon.rpc('usage.record', { tokens: 100, id: 'a' });
    const good = daemon.read(STATE_FILE);
    const broken = good.replace('"used"', '"used');
    save(daemon, broken, way);

    await until(() => daemon.read(STATE_FILE) === good, 'the state file is whole again', 1_500);

    const [copy, ...others] = readdirSync(daemon.folder).filter((name) => name.includes('.invalid-'));
    expect(others).toEqual([]);
    expect(daemon.read(copy!)).toBe(broken);
    const { warnings } = await daemon.rpc('daemon.info');
    expect(warnings).toEqual([expect.objectContaining({ code: 'state_file_invalid' })]);
    for (const text of [warnings[0]?.zh, warnings[0]?.en]) expect(text).toContain(copy);
    rmSync(daemon.path(copy!));
    expect(await daemon.rpc('daemon.info')).toMatchObject({ warnings: [] });
    expect(await daemon.rpc('usage.get')).toMatchObject({ used: 100, revision: 1 });
  });

  test('an edit with a figure of the wrong type keeps ours, takes the rest, says so, and is set aside', async () => {
    const daemon = await startDaemon();
    await daemon.rpc('usage.record', { tokens: 100, id: 'a' });
    const state: State = daemon.state();
    state.token_usage.used = '1,000';
    state.token_usage.sessions = { first: 'none' };
    state.status = 'x';
    const wrong = JSON.stringify(state);
    save(daemon, wrong, way);

    await until(() => daemon.state().token_usage.used === 100, 'the figure is ours again', 1_500);

    expect(daemon.state()).toMatchObject({ status: 'x', token_usage: { used: 100, sessions: [{ id: 'a' }] } });
    const { warnings } = await daemon.rpc('daemon.info');
    expect(warnings).toEqual([expect.objectContaining({ code: 'state_file_edit' })]);
    expect(warnings[0]?.en).toContain('token_usage.used');
    expect(warnings[0]?.en).toContain('token_usage.sessions');
    const [copy, ...others] = readdirSync(daemon.folder).filter((name) => name.includes('.invalid-'));
    expect(others).toEqual([]);
    expect(daemon.read(copy!)).toBe(wrong);
    for (const text of [warnings[0]?.zh, warnings[0]?.en]) expect(text).toContain(copy);
  });

  test('an edit with sessions of the wrong type keeps ours, after one without any usage too', async () => {
    const daemon = await startDaemon();
    await daemon.rpc('usage.record', { tokens: 100, id: 'a' });
    edit(daemon, (state) => delete state.token_usage, way);
    await until(() => daemon.state().token_usage?.used === 100, 'the usage is there again', 1_500);
    edit(daemon, (state) => (state.token_usage.sessions = 'none'), way);
    await until(() => Array.isArray(daemon.state().token_usage.sessions), 'the sessions are ours again', 1_500);

    expect(daemon.state().token_usage.sessions).toMatchObject([{ id: 'a' }]);
  });
});

test('a state file that is deleted is made anew, with everything in it', async () => {
  const daemon = await startDaemon({
    state: { status: { rate: 1.5 }, token_usage: { used: 5, total: 100, sessions: [] } },
  });
  await daemon.rpc('usage.record', { tokens: 100, id: 'a' });
  const good = daemon.read(STATE_FILE);
  rmSync(daemon.path(STATE_FILE));

  const isBack = () => readdirSync(daemon.folder).includes(STATE_FILE);
  await until(isBack, 'the state file is back', 1_500);

  expect(daemon.read(STATE_FILE)).toBe(good);
  expect(await daemon.rpc('usage.get')).toMatchObject({ used: 100, revision: 2 });
});

test('the daemon’s own writes are never taken for edits', async () => {
  const daemon = await startDaemon();
  const socket = await daemon.connect();
  await socket.call('usage.subscribe');
  for (let round = 0; round < 20; round++) {
    await Promise.all(Array.from({ length: 10 }, () => socket.call('usage.record', { tokens: 1, sync_type: 'auto' })));
  }
  // An edit of ours comes after all that the watcher had to look at.
  edit(daemon, (state) => (state.status = 'last'));
  await until(() => socket.told('usage.changed').some(({ cause }) => cause === 'edit'), 'the edit was told');

  const causes = socket.told('usage.changed').map(({ cause }) => cause);
  expect(causes).toEqual([...Array.from({ length: 200 }, () => 'reading'), 'edit']);
  expect(await socket.call('usage.get')).toMatchObject({ used: 200, revision: 201 });
});

/**
 * Loads, changes and saves the state file without a pause, as a program of another kind does: each round leaves a member
 * of its own and adds to `used`. A file that does not parse ends it with an error.
 */
const PYTHON_LOOP = `
import json, os, random, sys, time
path, way, rounds, added = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
print('ready', flush=True)
sys.stdin.readline()
for round in range(rounds):
    with open(path, encoding='utf-8') as file:
        state = json.load(file)
    # A program thinks between loading and saving, so that others write meanwhile.
    time.sleep(random.random() * 0.006)
    state['edit_%d' % round] = round
    if added:
        state['token_usage']['used'] += added
    if way == 'in place':
        with open(path, 'w', encoding='utf-8') as file:
            json.dump(state, file, ensure_ascii=False, indent=2)
    else:
        with open(path + '.tmp', 'w', encoding='utf-8') as file:
            json.dump(state, file, ensure_ascii=False, indent=2)
        os.replace(path + '.tmp', path)
`;
describe('a program that loads, changes and saves in a loop while four clients record', () => {
  needs('python3');

  test.each<[Way, number, string]>([
    ['in place', 0, 'members of its own'],
    ['by rename', 0, 'members of its own'],
    ['in place', 1_000, 'used as well'],
    ['by rename', 1_000, 'used as well'],
  ])('a program that saves in a loop %s, adding %i, loses no recorded value and no edit of %s', async (way, added) => {
    const rounds = 150;
    const daemon = await startDaemon();
    const python = spawn('python3', ['-c', PYTHON_LOOP, daemon.path(STATE_FILE), way, String(rounds), String(added)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const ended = once(python, 'exit');
    await once(python.stdout, 'data');
    let isRunning = true;
    const client = async (name: number) => {
      const socket = await daemon.connect();
      let count = 0;
      for (; isRunning || count < 20; count++) {
        await socket.call('usage.record', { tokens: 1, sync_type: 'auto', id: `c${name}-${count}` });
      }
      return count;
    };
    const clients = [0, 1, 2, 3].map(client);
    python.stdin.write('\n');
    expect(await ended).toEqual([0, null]);
    isRunning = false;
    const counts = await Promise.all(clients);
    const recorded = counts.reduce((sum, count) => sum + count, 0);

    const keys = Array.from({ length: rounds }, (_, round) => `edit_${round}`);
    const lacking = () => keys.filter((key) => !Object.hasOwn(daemon.state(), key));
    await until(() => lacking().length === 0, 'every edit stands in the state file', 3_000).catch(() => undefined);
    expect(lacking()).toEqual([]);
    const expected = recorded + rounds * added;
    await until(async () => (await daemon.rpc('usage.get')).used === expected, 'all is counted', 3_000).catch(
      () => undefined,
    );
    expect((await daemon.rpc('usage.get')).used).toBe(expected);
    expect(daemon.state().token_usage.used).toBe(expected);
    const ids = new Set((await history(daemon)).map(({ id }) => id));
    expect(ids.size).toBe(recorded);
    expect((await daemon.rpc('daemon.info')).warnings).toEqual([]);
    expect(readdirSync(daemon.folder).filter((name) => name.includes('invalid'))).toEqual([]);
  });
});

test('edits of a person by hand hold while readings are added', async () => {
  const daemon = await startDaemon();
  const socket = await daemon.connect();
  let isRunning = true;
  let recorded = 0;
  const recorder = (async () => {
    while (isRunning) {
      await socket.call('usage.record', { tokens: 1, sync_type: 'auto' });
      recorded++;
    }
  })();
  for (let round = 1; round <= 10; round++) {
    await until(() => recorded >= round * 5, 'some were recorded');
    edit(daemon, (state) => (state.token_usage.used += 10_000), round % 2 === 0 ? 'in place' : 'by rename');
    await until(() => daemon.state().token_usage.used >= round * 10_000, 'the edit holds', 2_000);
  }
  isRunning = false;
  await recorder;

  await until(async () => (await socket.call('usage.get')).used === 100_000 + recorded, 'all is counted', 2_000);
  expect(daemon.state().token_usage.used).toBe(100_000 + recorded);
});

test('a link in the place of the state file stays one, and the file that it leads to is kept', async () => {
  const { mkdirSync, symlinkSync, lstatSync } = await import('node:fs');
  const folder = freshFolder();
  mkdirSync(`${folder}/elsewhere`, { recursive: true });
  writeFileSync(`${folder}/elsewhere/real.json`, '{"token_usage":{"used":5,"total":100,"sessions":[]},"status":1.0}');
  symlinkSync('elsewhere/real.json', `${folder}/${STATE_FILE}`);
  const daemon = await startDaemon({ folder });
  await daemon.rpc('usage.record', { tokens: 1, sync_type: 'auto' });
  writeFileSync(`${folder}/elsewhere/real.json`, daemon.read(STATE_FILE).replace('1.0', '2.0'));

  await until(async () => (await daemon.rpc('usage.get')).revision === 3, 'the edit behind the link is adopted', 1_500);

  expect(lstatSync(daemon.path(STATE_FILE)).isSymbolicLink()).toBe(true);
  expect(readFileSync(`${folder}/elsewhere/real.json`, 'utf8')).toContain('"status": 2.0');
});
