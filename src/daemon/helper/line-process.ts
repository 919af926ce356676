import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { constants, getPriority, setPriority } from 'node:os';
import { createInterface } from 'node:readline';

/**
 * A process of ours that is spoken with in lines. A process and not a thread because a thread's memory stays with the daemon
 * after its end (the allocator keeps some 30 MB of it), because it can be given less of the processor than recording gets,
 * and because no failure of its own reaches the daemon.
 */
export interface LineProcess {
  /** Sends a message as JSON in one line. */
  tell(message: unknown): void;
  /** Sends bytes as they are. */
  send(bytes: Buffer): void;
  /** Whether it keeps the program alive. */
  hold(isHeld: boolean): void;
  /** Ends it at once; resolves when it is gone. */
  end(): Promise<void>;
}

export interface LineProcessOptions {
  /** What it is called where it is told of, such as `the estimate worker`. */
  readonly name: string;
  /** The path of its program. */
  readonly path: string;
  /** What it is told at its start. */
  readonly arguments?: readonly string[];
  /** Flags of Node. */
  readonly flags?: readonly string[];
  /** Takes a line that it said; returns false for what it should never say, which ends it. */
  readonly onLine: (line: string) => boolean;
  /** It is gone, and nobody has ended it; says why. */
  readonly onCrash: (cause: Error) => void;
}

/** Starts the process, below the priority of the daemon; throws when the system refuses at once. */
export function startLineProcess(options: LineProcessOptions): LineProcess {
  const { name, path, flags = [], onLine, onCrash } = options;
  const child = spawn(process.execPath, [...flags, path, ...(options.arguments ?? [])], {
    stdio: 'pipe',
    windowsHide: true,
  });
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
    if (failure || onLine(line)) return;
    // Something else in its process wrote that, and the next line may be half of it.
    failure = new Error(`${name} said ${line.slice(0, MAX_COMPLAINTS)}`);
    child.kill('SIGKILL');
  });
  const gone = new Promise<void>((resolve) => {
    child.on('close', (code, signal) => {
      resolve();
      if (isWanted) onCrash(failure ?? new Error(`${name} ended with ${signal ?? code}\n${complaints}`));
    });
  });
  return {
    tell: (message) => void child.stdin.write(`${JSON.stringify(message)}\n`),
    send: (bytes) => void child.stdin.write(bytes),
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
}

/**
 * A third of the processor's time that recording gets where both want it; at 10 a busy machine would let it starve. Windows
 * knows classes only, of which the next below the usual begins at 10.
 */
const NICENESS = process.platform === 'win32' ? constants.priority.PRIORITY_BELOW_NORMAL : 5;

/** The end of what it said before it broke. */
const MAX_COMPLAINTS = 4_000;

function lowerPriority({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    // Above our own: a daemon that was started with less of the processor would be overtaken otherwise.
    setPriority(pid, Math.min(getPriority() + NICENESS, constants.priority.PRIORITY_LOW));
  } catch {
    // Where that is forbidden, or the process is gone already, it works as it is.
  }
}
