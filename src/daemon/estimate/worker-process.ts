import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { constants, getPriority, setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Encoding } from './ranks.ts';
import type { CountReply, WorkerMessage } from './worker.ts';

/**
 * The process that counts. A process and not a thread because a thread's memory stays with the daemon after its end (the
 * allocator keeps some 30 MB of it), because it can be given less of the processor than recording gets, and because no
 * failure of its own reaches the daemon.
 */
export interface WorkerProcess {
  /** Sends texts to count; the reply comes by `onReply`. */
  send(order: CountOrder): void;
  /** Makes the count with this id end early. */
  cancel(id: number): void;
  /** Whether it keeps the program alive. */
  hold(isHeld: boolean): void;
  /** Ends it at once; resolves when it is gone. */
  end(): Promise<void>;
}

/** One call of the worker. */
export interface CountOrder {
  readonly id: number;
  readonly encoding: Encoding;
  readonly texts: readonly string[];
}

export interface WorkerEvents {
  onReply(reply: CountReply): void;
  /** It is gone, and nobody has ended it; says why. */
  onCrash(cause: Error): void;
}

/** Starts the process, below the priority of the daemon; throws when the system refuses at once. */
export function startWorker({ onReply, onCrash }: WorkerEvents): WorkerProcess {
  const child = spawn(process.execPath, [...LEAN, workerPath()], { stdio: 'pipe', windowsHide: true });
  lowerPriority(child);
  let isWanted = true;
  let complaints = '';
  let failure: Error | undefined;
  child.on('error', (error) => {
    failure = error;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-MAX_COMPLAINTS);
  });
  // Its end is told by `close`, with the reason.
  child.stdin.on('error', () => child.stdin.destroy());
  createInterface({ input: child.stdout }).on('line', (line) => {
    // Nothing counts any more that came with what was no reply.
    if (failure) return;
    const reply = replyIn(line);
    if (reply) return onReply(reply);
    // Something else in its process wrote that, and the next line may be half of it.
    failure = new Error(`the estimate worker said ${line.slice(0, MAX_COMPLAINTS)}`);
    child.kill('SIGKILL');
  });
  const gone = new Promise<void>((resolve) => {
    child.on('close', (code, signal) => {
      resolve();
      if (isWanted) onCrash(failure ?? new Error(`the estimate worker ended with ${signal ?? code}\n${complaints}`));
    });
  });
  return {
    send({ id, encoding, texts }) {
      const bodies = texts.map((text) => Buffer.from(text));
      tell({ id, encoding, lengths: bodies.map(({ length }) => length) });
      for (const body of bodies) if (body.length > 0) child.stdin.write(body);
    },
    cancel: (id) => tell({ cancel: id }),
    hold,
    end() {
      isWanted = false;
      // A caller that waits for its end must see it, though nothing else keeps the program alive.
      hold(true);
      child.kill('SIGKILL');
      return gone;
    },
  };

  function hold(isHeld: boolean): void {
    // The pipes are sockets, whatever their types say.
    for (const handle of [child, child.stdin, child.stdout, child.stderr] as unknown as Socket[]) {
      if (isHeld) handle.ref();
      else handle.unref();
    }
  }

  function tell(message: WorkerMessage): void {
    child.stdin.write(`${JSON.stringify(message)}\n`);
  }
}

function replyIn(line: string): CountReply | undefined {
  try {
    const reply: Partial<Record<string, unknown>> | null = JSON.parse(line);
    const isReply = typeof reply?.id === 'number' && (Array.isArray(reply.counts) || typeof reply.ended === 'string');
    return isReply ? (reply as unknown as CountReply) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Short-lived garbage is all it makes: with a small nursery it stays half as large. And it compiles and collects in its one
 * thread, which gives way: while it starts, helpers of V8 would take every processor there is.
 */
const LEAN = ['--max-semi-space-size=1', '--single-threaded'];

/**
 * A third of the processor's time that recording gets where both want it; at 10 a busy machine would let it starve. Windows
 * knows classes only, of which the next below the usual begins at 10.
 */
const NICENESS = process.platform === 'win32' ? constants.priority.PRIORITY_BELOW_NORMAL : 5;

/** The end of what it said before it broke. */
const MAX_COMPLAINTS = 4_000;

function workerPath(): string {
  return fileURLToPath(
    new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './estimate-worker.js', import.meta.url),
  );
}

function lowerPriority({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    // Above our own: a daemon that was started with less of the processor would be overtaken otherwise.
    setPriority(pid, Math.min(getPriority() + NICENESS, constants.priority.PRIORITY_LOW));
  } catch {
    // Where that is forbidden, or the process is gone already, it counts as it is.
  }
}
