import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { runDaemon, TestDaemon } from '../../support/daemon.ts';
import { freshFolder } from '../../support/folders.ts';
import { startAtTerminal } from '../../support/pseudo-terminal.ts';
import { runCli, runJson, startCli } from '../../support/run-cli.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { until } from '../../support/until.ts';

/** Renames the window, clears it, writes in our name, turns the line around and hides: whatever a terminal takes for more than a text. */
const HOSTILE = '\x1b]0;owned\x07\x1b[2J\u009b31m\x7f\b\u202e\u2066\u200b\u200f\r\nFORGED\u2028FORGED\x1b[1A';

/** What an event may hold, of which control characters are refused. */
const HIDDEN = 'paid\u202edetnuocer\u200b\u2066\u200f';

const STEERING = /[^\P{Cc}\n]|[\u2028\u2029\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u;

/** Our own movements of the cursor, without which nothing could be drawn over itself. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const MOVES = /\r\n|\x1b\[(?:2J\x1b\[H|K|J|\?25[lh]|\d+A|\d+G|\d+D)|\r/g;

function expectHarmless(text: string): void {
  expect(text).not.toMatch(STEERING);
  expect(text).not.toMatch(/^\s*FORGED/m);
}

describe('with hostile values in every place', () => {
  let parent = '';
  let daemon: TestDaemon;
  const at = () => ({ folder: daemon.folder });

  beforeAll(async () => {
    parent = scratchFolder();
    const foreign = {
      timestamp: HOSTILE,
      tokens: HOSTILE,
      event: HOSTILE,
      sync_type: HOSTILE,
      conversation_id: HOSTILE,
    };
    daemon = new TestDaemon({
      folder: join(parent, `data ${HOSTILE}`),
      state: {
        token_usage: { used: 10, total: 100, sessions: [foreign, { ...foreign, event: { [HOSTILE]: HOSTILE } }] },
        last_updated: HOSTILE,
      },
    });
    await daemon.isUp();
    // As a program that reads, changes and writes the file.
    const state = daemon.state();
    daemon.write('architect_monitor.json', { ...state, last_updated: HOSTILE });
    await until(async () => (await daemon.rpc('usage.get')).last_updated === HOSTILE, 'the edit is adopted');
    writeFileSync(join(daemon.folder, 'drop', `bill ${HOSTILE}.txt`), 'no value here');
    const isTold = async () => (await daemon.rpc('daemon.info')).warnings.some(({ en }) => en.includes('FORGED'));
    await until(isTold, 'the file is told of by its name');
  });
  afterAll(async () => {
    await daemon?.end();
    rmSync(parent, { recursive: true, force: true });
  });

  test('JSON keeps the values, and holds none of it', async () => {
    for (const args of [['status'], ['doctor'], ['start'], ['history'], ['history', '--since', HOSTILE]]) {
      expectHarmless((await runCli([...args, '--json'], at())).stdout);
    }
    expect((await runJson(['status'], at())).json.last_updated).toBe(HOSTILE);
    const { json } = await runJson(['history'], at());
    expect(json.sessions.map(({ event }: { event: unknown }) => event)).toContainEqual({ [HOSTILE]: HOSTILE });
  });

  test.each([
    [['status']],
    [['start']],
    [['history']],
    [['history', '--since', HOSTILE]],
    [['history', '--query', HOSTILE]],
    [['history', '--conversation', HOSTILE]],
    [['doctor']],
    [['open']],
    [['service', HOSTILE]],
    [['record', HOSTILE]],
    [['record', `lots ${HIDDEN}`]],
    [['record', '5', HOSTILE]],
    [['record', '350', `000 ${HIDDEN}`]],
    [['correct', HOSTILE]],
    [['budget', HOSTILE]],
    [['import', `/no/such/${HOSTILE}`]],
    [['restore', `/no/such/${HOSTILE}`]],
    [['estimate', `@/no/such/${HOSTILE}`]],
    [['export', '--format', HOSTILE]],
    [[HOSTILE]],
    [[`--${HOSTILE}`, 'status']],
    [['status', HOSTILE]],
    [['daemon', '--lang', 'en']],
  ])('%j steers no terminal and writes no line of its own', async (args) => {
    for (const lang of ['zh', 'en']) {
      const { stdout, stderr } = await runCli([...args, '--lang', lang], at());
      expect(stdout + stderr).not.toBe('');
      expectHarmless(stdout);
      expectHarmless(stderr);
    }
  });

  test('who looks on sees the log, and nothing of it steers the terminal', async () => {
    const onlooker = new TestDaemon({ folder: daemon.folder, port: null, args: ['--or-look-on'] });
    onTestFinished(() => onlooker.end());
    await until(
      () => onlooker.stdout.includes('FORGED.txt') || onlooker.stdout.includes('"level":40'),
      'the log is shown',
    );
    await onlooker.stop();
    expectHarmless(onlooker.stdout + onlooker.stderr);
  });

  test('a value that was refused, and one that was recorded, are told harmlessly', async () => {
    const rows = [
      ['tokens', 'event', 'timestamp'],
      [`7${HIDDEN}`, HIDDEN, ''],
      ['5', HIDDEN, HIDDEN],
    ];
    const file = join(parent, `${HOSTILE}.csv`);
    writeFileSync(file, rows.map((row) => row.map((cell) => `"${cell}"`).join(',')).join('\n'));
    for (const args of [['import', file], ['record', '11', HIDDEN, '--conversation', HIDDEN], ['undo'], ['history']]) {
      const { stdout, stderr } = await runCli([...args, '--lang', 'en'], at());
      expectHarmless(stdout + stderr);
    }
  });

  test('an export is to the byte for a program, and harmless before a person', async () => {
    const exported = await runCli(['export', '--format', 'jsonl'], at());
    const events = exported.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).event);
    expect(events).toContain(HOSTILE);
    const csv = await runCli(['export'], at());
    expect(csv.stdout).toContain(HOSTILE);
    const person = startAtTerminal(['export'], at());
    expect(await person.exitCode).toBe(0);
    expect(person.screen().replaceAll(/\r+\n/g, '\n')).not.toMatch(STEERING);
  });

  test.each([[['status']], [['history']], [['doctor']]])('%j is harmless at a real terminal', async (args) => {
    const person = startAtTerminal([...args, '--lang', 'en'], at());
    await person.exitCode;
    expectHarmless(person.screen().replaceAll(MOVES, '\n'));
  });

  test('watch is harmless in a pipe, and draws nothing but its frame', async () => {
    const piped = startCli(['watch', '--lang', 'en'], at());
    await until(() => piped.stdout().includes('%'), 'the first line');
    const person = startAtTerminal(['watch', '--lang', 'en'], at());
    await person.sees('Updated: ');
    await daemon.rpc('usage.record', { tokens: 1, sync_type: 'auto', event: HIDDEN });
    await until(() => piped.stdout().includes('paid'), 'the change is told');
    await person.sees('paid');
    person.type('\x03');
    piped.process.kill('SIGINT');
    await piped.ended;
    await person.exitCode;
    expectHarmless(piped.stdout() + piped.stderr());
    expectHarmless(person.screen().replaceAll('^C', '').replaceAll(MOVES, '\n'));
  });

  test('the log and the reason beside a refused file are harmless to look at', () => {
    expectHarmless(daemon.read('logs/daemon.log'));
    expect(daemon.read('logs/daemon.log')).toContain('FORGED');
    expectHarmless(daemon.stdout.replaceAll('\r\n', '\n'));
  });
});

test('what keeps a daemon from starting is told harmlessly, by the daemon and by the command that starts it', async () => {
  const folder = freshFolder();
  const daemon = await runDaemon({ folder, config: { lang: HOSTILE, [HOSTILE]: 1 } });
  expectHarmless(daemon.stderr);
  for (const args of [['status'], ['start'], ['doctor'], ['restart']]) {
    const { stdout, stderr } = await runCli([...args, '--lang', 'en'], { folder });
    expect(stdout + stderr).not.toBe('');
    expectHarmless(stdout + stderr);
  }
});
