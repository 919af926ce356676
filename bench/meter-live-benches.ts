import { appendFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { MetersChange } from '../src/daemon/meters/live/meter-board.ts';
import { scratchFolder } from '../test/support/scratch.ts';
import { startDaemon } from './daemon-process.ts';
import { durableFloor, tcpEcho } from './floors.ts';
import { median, p99, timed } from './measure.ts';
import type { Row } from './row.ts';

const ROUNDS = 150;
/** A meter is told four times a second: whoever writes sooner waits for the next turn. */
const PAUSE_MS = 280;
/** After a minute without an event the process that reads is gone. */
const IDLE_MS = 63_000;
const IDLE_ROUNDS = 3;

/** A line that a tool appends, to a subscriber over WebSocket. */
export async function meterLiveBenches(): Promise<Row[]> {
  const home = scratchFolder();
  const env = {
    HOME: home,
    CLAUDE_CONFIG_DIR: '',
    CODEX_HOME: '',
    XDG_CONFIG_HOME: '',
    TOKEN_SYNC_METERS_SOURCES: 'auto',
  };
  const tool = new ClaudeHome(home);
  tool.write();
  const daemon = await startDaemon(scratchFolder(), env);
  const subscriber = await Subscriber.open(daemon.url);
  await subscriber.told(tool.written);
  const echo = await tcpEcho();
  const durable = durableFloor(daemon.folder);
  const written = async () => {
    tool.write();
    await subscriber.told(tool.written);
  };
  const bare = async () => {
    await echo.ask('x'.repeat(400));
    durable();
  };
  const times = { ours: [] as number[], floor: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    await pause(PAUSE_MS);
    times.ours.push(await timed(written));
    times.floor.push(await timed(bare));
  }
  const idle: number[] = [];
  for (let round = 0; round < IDLE_ROUNDS; round++) {
    await pause(IDLE_MS);
    idle.push(await timed(written));
  }
  subscriber.close();
  echo.close();
  await daemon.stop();
  rmSync(home, { recursive: true, force: true });
  const floorName = 'echo + durable append + durable replace';
  return [
    {
      ...{ what: 'a line of Claude Code to a subscriber, p50', ours: median(times.ours), unit: 'ms' },
      ...{ floorName, floor: median(times.floor), bar: { atMost: 8 } },
    },
    {
      ...{ what: 'a line of Claude Code to a subscriber, p99', ours: p99(times.ours), unit: 'ms' },
      ...{ floorName: 'p99 of the same', floor: p99(times.floor), bar: { atMost: 30 } },
    },
    { what: 'the first line after a minute of silence', ours: median(idle), unit: 'ms', bar: { atMost: 250 } },
  ];
}

/** Counts what it writes. */
class ClaudeHome {
  readonly #path: string;
  written = 0;

  constructor(home: string) {
    const folder = join(home, '.claude', 'projects', '-home-me-atlas');
    mkdirSync(folder, { recursive: true });
    this.#path = join(folder, 'a-session.jsonl');
  }

  write(): void {
    this.written += 1;
    const message = {
      id: `msg_${this.written}`,
      model: 'claude-opus-4-6',
      content: [{ type: 'text', text: 'x'.repeat(400) }],
      usage: { input_tokens: 0, cache_read_input_tokens: 0, cache_creation_input_tokens: 0, output_tokens: 1 },
    };
    const line = { type: 'assistant', sessionId: 'a-session', timestamp: new Date().toISOString(), message };
    appendFileSync(this.#path, `${JSON.stringify(line)}\n`);
  }
}

class Subscriber {
  readonly #socket: WebSocket;
  #counted = 0;
  #wake: () => void = () => undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => {
      const { params } = JSON.parse(String(data)) as { params?: MetersChange };
      for (const meter of params?.meters ?? []) if (meter.kind === 'counter') this.#counted = meter.tokens.all;
      this.#wake();
    });
  }

  static async open(url: string): Promise<Subscriber> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/rpc`);
    const opened = new Subscriber(socket);
    await new Promise((resolve) => socket.once('open', resolve));
    socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'meters.subscribe', params: {} }));
    return opened;
  }

  async told(tokens: number): Promise<void> {
    while (this.#counted < tokens) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  close(): void {
    this.#socket.close();
  }
}
