import { once } from 'node:events';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TokenSyncManager } from '../../src/client/sdk/index.ts';
import { STATE_FILE } from '../../src/protocol/addresses.ts';
import { spawn } from '../support/programs.ts';
import { randomOf } from '../support/random.ts';
import { until } from '../support/until.ts';
import { type Programs, programsOf } from './build.ts';
import type { Harness, Outcome, RunOptions, Task } from './harness.ts';
import { RunningDaemon } from './running-daemon.ts';

const KILLS_A_PART = { short: 52, long: 1_000 };

/** Kills a real daemon at random instants while everybody records: sockets, REST, the command line, the SDK, files, an editor. */
export const KILLS: Harness = {
  name: 'kills',
  about: 'kill -9 at random instants under load from every way in',
  tasks: () => ['one', 'two'].map((part) => ({ harness: 'kills', part })),
  run: killAtRandom,
};

/** The state that all writers of a round share. */
class Round {
  readonly daemon: RunningDaemon;
  readonly name: string;
  readonly acknowledged = new Set<string>();
  readonly offered = new Set<string>();
  readonly dropped = new Set<string>();
  isOver = false;
  /** Aborted when the daemon is gone. */
  readonly end: AbortSignal;
  #count = 0;

  constructor(daemon: RunningDaemon, name: string) {
    this.daemon = daemon;
    this.name = name;
    const ended = new AbortController();
    this.end = ended.signal;
    void daemon.ended.then(() => ended.abort());
  }

  offer(who: string): string {
    const id = `${this.name}-${who}-${this.#count++}`;
    this.offered.add(id);
    return id;
  }
}

async function killAtRandom(
  { part }: Task,
  { mutant, isLong, seed, scratch, stopAtFirst }: RunOptions,
): Promise<Outcome> {
  const random = randomOf(seed + part.length);
  const programs = programsOf(mutant);
  const folder = join(scratch, 'data');
  const failures: string[] = [];
  const events = new Set<string>();
  const counts = { kills: 0, acknowledged: 0, 'drop-files': 0, edits: 0 };
  const editor = new Editor(join(folder, STATE_FILE));
  let daemon = await RunningDaemon.start({ program: programs.daemon, folder });
  const kills = isLong ? KILLS_A_PART.long : KILLS_A_PART.short;
  while (counts.kills < kills && failures.length < (stopAtFirst ? 1 : 5)) {
    const round = new Round(daemon, String(counts.kills));
    const clients = [socket(round), rest(round), sdk(round), editor.work(round), dropper(round, random)];
    // A command takes longer than a round, so only some rounds have one.
    if (counts.kills % 3 === 0) clients.push(commands(round, programs));
    const settled = Promise.allSettled(clients);
    const waitMs = counts.kills % 3 === 0 ? 250 + random() * 200 : 20 + random() * 150;
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    await daemon.kill();
    round.isOver = true;
    await settled;
    counts.kills++;
    counts.acknowledged += round.acknowledged.size;
    counts['drop-files'] += round.dropped.size;
    daemon = await RunningDaemon.start({ program: programs.daemon, folder });
    for (const event of round.dropped) events.add(event);
    failures.push(...(await problemsAfter(round, daemon, editor)).map((problem) => `kill ${counts.kills}: ${problem}`));
  }
  counts.edits = editor.adopted;
  failures.push(...(await problemsAtEnd(daemon, events)));
  await daemon.kill();
  return { failures, counts };
}

async function problemsAfter(round: Round, daemon: RunningDaemon, editor: Editor): Promise<string[]> {
  const problems: string[] = [];
  const isTaken = async () => {
    const shown = new Set((await recent(daemon)).map(({ event }) => event));
    return [...round.dropped].every((event) => shown.has(event));
  };
  await until(isTaken, 'the drop-files are taken').catch((error) => problems.push(error.message));
  const ids = (await recent(daemon)).map(({ id }) => id);
  const lost = [...round.acknowledged].filter((id) => !ids.includes(id));
  if (lost.length > 0) problems.push(`acknowledged and lost: ${lost}`);
  if (new Set(ids).size !== ids.length) problems.push('a reading is there twice');
  for (const id of [...round.offered].slice(0, 20)) {
    const { result, error } = await daemon.rpc('usage.record', { tokens: 1, sync_type: 'auto', id });
    if (!result) problems.push(`a repeat was refused: ${JSON.stringify(error)}`);
    else if (ids.includes(id) !== (result.duplicate === true)) problems.push(`the repeat of ${id} is counted wrong`);
  }
  const shown = daemon.state()?.editor?.count ?? 0;
  if (shown < editor.adopted) problems.push(`the edit ${editor.adopted} was adopted and ${shown} is there`);
  return problems;
}

async function problemsAtEnd(daemon: RunningDaemon, events: ReadonlySet<string>): Promise<string[]> {
  const problems: string[] = [];
  const ids = await daemon.historyIds();
  const { used, sessions_count } = (await daemon.rpc('usage.get')).result;
  if (new Set(ids).size !== ids.length) problems.push('a reading is there twice');
  if (used !== ids.length) problems.push(`${used} used, ${ids.length} in the history`);
  if (sessions_count !== ids.length) problems.push(`${sessions_count} sessions, ${ids.length} in the history`);
  const dropped = ids.filter((id) => id.startsWith('drop-')).length;
  if (dropped !== events.size) problems.push(`${events.size} drop-files, ${dropped} recorded`);
  if (daemon.state()?.token_usage.used !== used) problems.push('the state file shows another figure');
  return problems;
}

async function recent(daemon: RunningDaemon): Promise<readonly { readonly id: string; readonly event?: string }[]> {
  return (await daemon.rpc('usage.history', { limit: 1_000 })).result.sessions;
}

async function socket(round: Round): Promise<void> {
  const ws = new WebSocket(`${round.daemon.url.replace('http', 'ws')}/rpc`);
  await once(ws, 'open', { signal: round.end });
  while (!round.isOver) {
    const id = round.offer('socket');
    const answered = once(ws, 'message', { signal: round.end });
    const params = { tokens: 1, sync_type: 'auto', id };
    ws.send(JSON.stringify({ jsonrpc: '2.0', id, method: 'usage.record', params }));
    const [message] = await answered;
    if (JSON.parse(message.data).result) round.acknowledged.add(id);
  }
}

async function rest(round: Round): Promise<void> {
  while (!round.isOver) {
    const id = round.offer('rest');
    const response = await fetch(`${round.daemon.url}/api/record_token_usage`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ tokens: 1, sync_type: 'auto', id }),
    });
    if (response.ok) round.acknowledged.add(id);
  }
}

async function sdk(round: Round): Promise<void> {
  const manager = new TokenSyncManager({ url: round.daemon.url, autoStart: false });
  try {
    while (!round.isOver) {
      const id = round.offer('sdk');
      const recorded = manager.quickRecord(1, 'sdk', { id, syncType: 'auto' });
      // The SDK would go on asking for a daemon that is gone for good.
      const gone = round.daemon.ended.then(() => Promise.reject(new Error('killed')));
      await Promise.race([recorded, gone]);
      round.acknowledged.add(id);
    }
  } finally {
    await manager.close();
  }
}

async function commands(round: Round, programs: Programs): Promise<void> {
  while (!round.isOver) {
    const id = round.offer('cli');
    const flags = ['--type', 'auto', '--id', id, '--data', round.daemon.folder, '--no-spawn', '--json'];
    const child = spawn(process.execPath, [programs.cli, 'record', '1', 'cli', ...flags], { stdio: 'ignore' });
    const gone = round.daemon.ended.then(() => child.kill('SIGKILL'));
    const [code] = await once(child, 'close');
    if (code === 0) round.acknowledged.add(id);
    void gone;
  }
}

async function dropper(round: Round, random: () => number): Promise<void> {
  const folder = join(round.daemon.folder, 'drop');
  mkdirSync(folder, { recursive: true });
  for (let count = 0; !round.isOver && count < 5; count++) {
    const event = `drop ${round.name} ${count}`;
    const path = join(folder, `${round.name}-${count}.txt`);
    const line = `${JSON.stringify({ tokens: 1, sync_type: 'auto', event })}\n`;
    writeFileSync(`${path}.tmp`, line);
    renameSync(`${path}.tmp`, path);
    round.dropped.add(event);
    await new Promise((resolve) => setTimeout(resolve, random() * 40));
  }
}

/** A program that loads, changes and saves the state file again and again, in place and by rename. */
class Editor {
  /** The last count that the daemon was seen to have taken over. */
  adopted = 0;
  readonly #path: string;
  #count = 0;

  constructor(path: string) {
    this.#path = path;
  }

  async work(round: Round): Promise<void> {
    while (!round.isOver) {
      const file = parsed(readFileSync(this.#path, 'utf8'));
      if (!file) continue;
      file.editor = { count: ++this.#count };
      const text = JSON.stringify(file, undefined, 2);
      if (this.#count % 2 === 0) writeFileSync(this.#path, text);
      else {
        writeFileSync(`${this.#path}.tmp`, text);
        renameSync(`${this.#path}.tmp`, this.#path);
      }
      const count = this.#count;
      const deadline = performance.now() + 1_500;
      while (!round.isOver && performance.now() < deadline) {
        const response = await fetch(`${round.daemon.url}/api/architect_monitor`);
        // The daemon shows what is committed.
        const shown = (await response.json()) as { editor?: { count: number } };
        if ((shown.editor?.count ?? 0) >= count) {
          this.adopted = count;
          break;
        }
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
  }
}

// biome-ignore lint/suspicious/noExplicitAny: the file has members of anybody
function parsed(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
