import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Change } from '../../src/protocol/methods.ts';
import { startDaemon, type TestDaemon, useDaemon } from '../support/daemon.ts';
import { freshFolder } from '../support/folders.ts';
import { failureOf } from '../support/rpc-failure.ts';
import type { RpcSocket } from '../support/socket.ts';
import { TRANSPORTS } from '../support/transports.ts';
import { until } from '../support/until.ts';

const daemon = useDaemon();

/** Each change follows on the one before, so that a client that sees these has seen everything. */
function expectChain(changes: readonly Change[], from: number): void {
  expect(changes.map(({ previous_revision }) => previous_revision)).toEqual(changes.map((_, index) => from + index));
  expect(changes.map(({ revision }) => revision)).toEqual(changes.map((_, index) => from + index + 1));
  expect(changes.map(({ usage }) => usage.revision)).toEqual(changes.map(({ revision }) => revision));
}

/** Waits until a subscriber has been told of a revision. */
async function toldOf(socket: RpcSocket, revision: number): Promise<Change[]> {
  await until(() => socket.told('usage.changed').at(-1)?.revision === revision, `revision ${revision} is told`);
  return socket.told('usage.changed');
}

/** Adds one token as often as told, each after the answer to the one before. */
async function addOnes(socket: RpcSocket, times: number): Promise<void> {
  for (let time = 0; time < times; time++) await socket.call('usage.record', { tokens: 1, sync_type: 'auto' });
}

test('a subscription is answered with the state as the state file has it', async () => {
  const socket = await daemon().connect();
  await socket.call('usage.record', { tokens: 1_234, event: '完成架构设计' });

  const answer = await socket.call('usage.subscribe');

  const usage = await socket.call('usage.get');
  expect(answer).toEqual({
    revision: usage.revision,
    mark: usage.mark,
    usage,
    sessions: daemon().state().token_usage.sessions,
    alerts: [],
  });
});

test.each(TRANSPORTS.filter(({ name }) => name === 'HTTP'))(
  'a subscription over $name is refused, because nothing can be pushed there',
  async () => {
    expect(await failureOf(daemon().rpc('usage.subscribe'))).toMatchObject({ code: -32602, hint: /ws:/ });
    expect(await daemon().rpc('usage.unsubscribe')).toEqual({});
  },
);

describe('usage.changed', () => {
  test('usage.changed tells of each kind of change, whoever made it', async () => {
    const socket = await daemon().connect();
    const { revision } = await socket.call('usage.subscribe');

    await daemon().post('/api/record_token_usage', { tokens: 5, id: 'told' });
    await daemon().rpc('usage.undo');
    await daemon().rpc('usage.import', { sessions: [{ tokens: 3 }, { tokens: 4 }] });
    await daemon().rpc('usage.set_total', { total: 2_000_000 });
    const { token_usage, ...rest } = daemon().state();
    daemon().write('architect_monitor.json', { ...rest, token_usage: { ...token_usage, used: 42 }, status: 'edited' });
    const changes = await toldOf(socket, revision + 5);

    expectChain(changes, revision);
    expect(changes.map(({ cause }) => cause)).toEqual(['reading', 'undo', 'import', 'total', 'edit']);
    expect(changes.map(({ usage }) => usage.total)).toEqual([1_000_000, 1_000_000, 1_000_000, 2_000_000, 2_000_000]);
    expect(changes[0]!.session).toMatchObject({ id: 'told', tokens: 5, sync_type: 'auto', event: '对话' });
    expect(changes.slice(1).every(({ session }) => session === undefined)).toBe(true);
    expect(changes.at(-1)!.usage).toEqual(await socket.call('usage.get'));
    expect(changes.at(-1)!.usage.used).toBe(42);
  });

  test('usage.changed comes before the answer to the caller who made the change', async () => {
    const socket = await daemon().connect();
    await socket.call('usage.subscribe');
    const before = socket.frames.length;

    await addOnes(socket, 1);

    expect(socket.frames.slice(before).map((frame) => JSON.parse(frame).method)).toEqual(['usage.changed', undefined]);
  });

  test('usage.changed tells nothing of a reading that was refused or known', async () => {
    const socket = await daemon().connect();
    await socket.call('usage.record', { tokens: 5, id: 'silent' });
    const { revision, usage } = await socket.call('usage.subscribe');

    await failureOf(socket.call('usage.record', { tokens: -1 }));
    await socket.call('usage.record', { tokens: 5, id: 'silent' });
    await socket.call('usage.set_total', { total: usage.total });
    await socket.call('usage.import', { sessions: [{ tokens: 0 }] });
    await addOnes(socket, 1);

    expectChain(await toldOf(socket, revision + 1), revision);
  });

  test('usage.changed is told once, however often a client subscribes', async () => {
    const socket = await daemon().connect();
    for (let times = 0; times < 3; times++) await socket.call('usage.subscribe');
    const { revision } = await socket.call('usage.get');

    await addOnes(socket, 3);

    expectChain(await toldOf(socket, revision + 3), revision);
  });

  test('usage.changed ends with the subscription, and begins again with the next', async () => {
    const socket = await daemon().connect();
    const other = await daemon().connect();
    await socket.call('usage.subscribe');
    await other.call('usage.subscribe');

    expect(await socket.call('usage.unsubscribe')).toEqual({});
    await addOnes(socket, 1);
    expect(socket.told('usage.changed')).toEqual([]);
    expect(other.told('usage.changed')).toHaveLength(1);

    const { revision } = await socket.call('usage.subscribe');
    await addOnes(socket, 1);
    expectChain(await toldOf(socket, revision + 1), revision);
  });

  test('usage.changed is not told to a client that has not subscribed', async () => {
    const socket = await daemon().connect();

    await addOnes(socket, 1);

    expect(socket.notifications).toEqual([]);
  });

  test.each([1, 100])('usage.changed comes in order and without gaps with %i recording at once', async (count) => {
    const watchers = await Promise.all(Array.from({ length: 3 }, () => daemon().connect()));
    const recorders = await Promise.all(Array.from({ length: count }, () => daemon().connect()));
    for (const watcher of watchers) await watcher.call('usage.subscribe');
    const { revision, used } = await daemon().rpc('usage.get');
    const each = Math.max(5, 100 / count);

    await Promise.all(recorders.map((recorder) => addOnes(recorder, each)));

    for (const watcher of watchers) {
      const changes = await toldOf(watcher, revision + count * each);
      expectChain(changes, revision);
      expect(changes.map((change) => change.usage.used)).toEqual(changes.map((_, index) => used + index + 1));
      expect(new Set(changes.map(({ session }) => session!.id)).size).toBe(count * each);
    }
    for (const socket of [...watchers, ...recorders]) socket.close();
  });

  test('a subscription in the midst of recording misses no change', async () => {
    const recorder = await daemon().connect();
    const recording = addOnes(recorder, 200);

    const watchers = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const socket = await daemon().connect();
        return { socket, ...(await socket.call('usage.subscribe')) };
      }),
    );
    await recording;
    const last = await recorder.call('usage.get');

    for (const { socket, revision, usage, sessions } of watchers) {
      expect(revision).toBeLessThan(last.revision);
      expect(sessions[0]!.total_used).toBe(usage.used);
      expectChain(await toldOf(socket, last.revision), revision);
      socket.close();
    }
  });
});

describe('since_revision', () => {
  /** The answer to a new connection whose client was last told of `revision`. */
  async function comeBack(to: TestDaemon, revision: number) {
    const socket = await to.connect();
    const answer = await socket.call('usage.subscribe', { since_revision: revision });
    socket.close();
    return answer;
  }

  test('a subscription since a revision yields exactly the changes that were missed', async () => {
    const witness = await daemon().connect();
    const { revision } = await witness.call('usage.subscribe');
    await addOnes(witness, 7);
    await witness.call('usage.undo');
    const told = await toldOf(witness, revision + 8);

    for (let missed = 0; missed <= 8; missed++) {
      const answer = await comeBack(daemon(), revision + 8 - missed);
      expect(answer.changes).toEqual(missed === 0 ? [] : told.slice(-missed));
      expect(answer).toMatchObject({ revision: revision + 8, usage: await witness.call('usage.get') });
    }
  });

  test('a subscription since a revision yields the changes missed over a restart and over a kill', async () => {
    const first = await startDaemon();
    const witness = await first.connect();
    await witness.call('usage.subscribe');
    await addOnes(witness, 3);
    await witness.call('usage.import', { sessions: [{ tokens: 3 }] });
    const told = await toldOf(witness, 4);
    await first.stop();

    const second = await startDaemon({ folder: first.folder });
    expect((await comeBack(second, 2)).changes).toEqual(told.slice(2));
    const again = await second.connect();
    await again.call('usage.subscribe', { since_revision: 4 });
    await addOnes(again, 2);
    const more = await toldOf(again, 6);
    await second.kill();

    const third = await startDaemon({ folder: first.folder });
    expect((await comeBack(third, 1)).changes).toEqual([...told.slice(1), ...more]);
    expect((await comeBack(third, 6)).changes).toEqual([]);
  });

  test('a subscription since a revision that no daemon has told yields the state alone', async () => {
    const { revision } = await daemon().rpc('usage.get');

    for (const unknown of [revision + 1, revision + 1_000, Number.MAX_SAFE_INTEGER]) {
      const answer = await comeBack(daemon(), unknown);
      expect(answer).not.toHaveProperty('changes');
      expect(answer).toMatchObject({ revision, usage: { revision }, sessions: expect.any(Array) });
    }
  });

  test('a subscription since a revision that is no longer held yields the state alone', async () => {
    const long = await startDaemon();
    const batch = Array.from({ length: 1_000 }, (_, id) => ({
      jsonrpc: '2.0',
      id,
      method: 'usage.record',
      params: { tokens: 1, sync_type: 'auto' },
    }));
    for (let times = 0; times < 3; times++) await long.post('/rpc', batch);

    const held = await comeBack(long, 2_500);
    expect(held.changes).toHaveLength(500);
    expectChain(held.changes!, 2_500);
    const old = await comeBack(long, 1);
    expect(old).not.toHaveProperty('changes');
    expect(old).toMatchObject({ revision: 3_000, usage: { used: 3_000 } });
    expect(old.sessions).toHaveLength(100);
  });

  test.each([-1, 1.5, '5', null])('a subscription since the revision %j is refused', async (since_revision) => {
    const socket = await daemon().connect();

    expect(await failureOf(socket.call('usage.subscribe', { since_revision }))).toMatchObject({
      code: -32602,
      field: 'since_revision',
    });
  });
});

describe('since, a mark', () => {
  /** The answer to a new connection whose client was last told of a mark. */
  async function comeBack(to: TestDaemon, last: object) {
    const socket = await to.connect();
    const answer = await socket.call('usage.subscribe', last);
    socket.close();
    return answer;
  }

  /** A folder whose ledger is a copy of another's, as a backup of it. */
  function backupOf({ folder }: TestDaemon): string {
    const copy = freshFolder();
    cpSync(join(folder, 'ledger'), join(copy, 'ledger'), { recursive: true });
    return copy;
  }

  test('the mark is told with each change, and is that of the usage then', async () => {
    const witness = await daemon().connect();
    const { revision, mark } = await witness.call('usage.subscribe');
    expect(mark).toMatch(new RegExp(`^${revision}:[0-9a-f]{8}$`));
    // One batch, so that the changes share a line of the ledger.
    await daemon().post(
      '/rpc',
      [1, 2, 3].map((id) => ({
        jsonrpc: '2.0',
        id,
        method: 'usage.record',
        params: { tokens: 1, sync_type: 'auto' },
      })),
    );
    const imported = await witness.call('usage.import', { sessions: [{ tokens: 3 }] });
    const set = await witness.call('usage.set_total', { total: 3_000_000 });
    const told = await toldOf(witness, revision + 5);

    const marks = told.map((change) => change.mark);
    expect(marks.map((text) => text.split(':')[0])).toEqual(told.map((change) => String(change.revision)));
    expect(new Set([mark, ...marks]).size).toBe(6);
    expect(told.map(({ usage }) => usage.mark)).toEqual(marks);
    expect([imported.current_usage.mark, set.mark]).toEqual(marks.slice(3));
    expect(await witness.call('usage.get')).toEqual(set);
    expect(await witness.call('usage.set_total', { total: 3_000_000 })).toEqual(set);
    expect((await witness.call('usage.import', { sessions: [] })).current_usage).toEqual(set);
    expect((await daemon().get('/api/usage')).json()).toEqual(set);
  });

  test('a subscription since a mark yields exactly the changes that were missed, also over a restart and over a kill', async () => {
    const first = await startDaemon();
    const witness = await first.connect();
    const start = await witness.call('usage.subscribe');
    await addOnes(witness, 3);
    await witness.call('usage.undo');
    const told = await toldOf(witness, 4);
    const marks = [start.mark, ...told.map(({ mark }) => mark)];
    const expectAll = async (to: TestDaemon) => {
      for (const [missedFrom, mark] of marks.entries()) {
        expect((await comeBack(to, { since: mark })).changes).toEqual(told.slice(missedFrom));
      }
    };

    await expectAll(first);
    await first.stop();
    const second = await startDaemon({ folder: first.folder });
    expect(await second.rpc('usage.get')).toEqual(told.at(-1)!.usage);
    await expectAll(second);
    await second.kill();
    await expectAll(await startDaemon({ folder: first.folder }));
  });

  test('a subscription since a mark of after a backup that was put back yields the state alone', async () => {
    const daemon = await startDaemon();
    const socket = await daemon.connect();
    await addOnes(socket, 2);
    const kept = await socket.call('usage.get');
    const backup = backupOf(daemon);
    await addOnes(socket, 2);
    const lost = await socket.call('usage.get');

    const restored = await startDaemon({ folder: backup });
    for (const tokens of [7, 8, 9]) await restored.rpc('usage.record', { tokens, sync_type: 'auto' });
    const answer = await comeBack(restored, { since: lost.mark });
    expect(answer).not.toHaveProperty('changes');
    expect(answer).toMatchObject({ revision: 5, usage: { used: 26 }, sessions: expect.any(Array) });
    expect(await comeBack(restored, { since: lost.mark, since_revision: lost.revision })).not.toHaveProperty('changes');
    // The two pasts share their beginning, and a revision alone cannot tell them apart.
    expect((await comeBack(restored, { since: kept.mark })).changes).toHaveLength(3);
    expect((await comeBack(restored, { since_revision: lost.revision })).changes).toHaveLength(1);
  });

  test('a subscription since a mark of another ledger, of no revision here, or no mark at all yields the state alone', async () => {
    const other = await startDaemon();
    await addOnes(await other.connect(), 2);
    const { mark, revision } = await daemon().rpc('usage.get');
    const [, crc = ''] = mark.split(':');
    const foreign = (await other.rpc('usage.get')).mark;
    for (const since of [foreign, `${revision + 1}:${crc}`, `${revision}:`, ` ${mark}`, 'mark', '']) {
      const answer = await comeBack(daemon(), { since, since_revision: revision });
      expect(answer).not.toHaveProperty('changes');
      expect(answer).toMatchObject({ revision, mark });
    }
    expect((await comeBack(daemon(), { since: mark })).changes).toEqual([]);
  });

  test('a subscription since a mark that is no longer held yields the state alone', async () => {
    const long = await startDaemon();
    const { mark } = await long.rpc('usage.get');
    const batch = Array.from({ length: 1_000 }, (_, id) => ({
      jsonrpc: '2.0',
      id,
      method: 'usage.record',
      params: { tokens: 1, sync_type: 'auto' },
    }));
    for (let times = 0; times < 3; times++) await long.post('/rpc', batch);
    expect(await comeBack(long, { since: mark })).not.toHaveProperty('changes');
  });

  test.each([5, null, {}])('a subscription since the mark %j is refused', async (since) => {
    const socket = await daemon().connect();
    expect(await failureOf(socket.call('usage.subscribe', { since }))).toMatchObject({ code: -32602, field: 'since' });
  });
});

describe('usage.alert', () => {
  /** The levels that were told while a counter with a budget of 1,000 took these values. */
  async function levelsOf(values: readonly number[], config?: object): Promise<number[]> {
    const own = config === undefined ? daemon() : await startDaemon({ config });
    const socket = await own.connect();
    await socket.call('usage.record', { tokens: 0, sync_type: 'correction' });
    await socket.call('usage.set_total', { total: 1_000 });
    await socket.call('usage.subscribe');
    for (const tokens of values) await socket.call('usage.record', { tokens, sync_type: 'correction' });
    return socket.told('usage.alert').map(({ level }) => level);
  }

  test.each<[string, number[], number[], object?]>([
    ['once a crossing', [799, 800, 801, 899, 900, 999, 1_000, 1_500], [80, 90, 100]],
    ['each threshold that one value crosses', [1_000], [80, 90, 100]],
    ['again after it fell below', [850, 700, 850], [80, 80]],
    ['not while it rises below or stays above', [1, 500, 799, 700], []],
    ['at the thresholds of the settings', [100, 400, 600], [25, 50], { alerts: { thresholds: [50, 25] } }],
    ['not without thresholds', [5_000], [], { alerts: { thresholds: [] } }],
  ])('usage.alert is told %s', async (_, values, expected, config) => {
    expect(await levelsOf(values, config)).toEqual(expected);
  });

  test('usage.alert follows its change and tells percent and revision', async () => {
    const socket = await daemon().connect();
    await socket.call('usage.record', { tokens: 0, sync_type: 'correction' });
    await socket.call('usage.set_total', { total: 1_000_000 });
    const { revision } = await socket.call('usage.subscribe');

    await socket.call('usage.record', { tokens: 850_000 });

    expect(socket.notifications.map(({ method }) => method)).toEqual(['usage.changed', 'usage.alert']);
    expect(socket.told('usage.alert')).toEqual([{ level: 80, percent: 85, revision: revision + 1 }]);
  });

  test('usage.alert is told when a smaller budget makes it due', async () => {
    const socket = await daemon().connect();
    await socket.call('usage.set_total', { total: 1_000_000 });
    await socket.call('usage.record', { tokens: 850, sync_type: 'correction' });
    await socket.call('usage.subscribe');

    await socket.call('usage.set_total', { total: 1_000 });

    expect(socket.told('usage.alert').map(({ level }) => level)).toEqual([80]);
  });
});
