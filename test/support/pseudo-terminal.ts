import { onTestFinished } from 'vitest';
import { cleanEnvironment } from './environment.ts';
import { spawn } from './programs.ts';
import { CLI, type RunOptions } from './run-cli.ts';
import { until, within } from './until.ts';

/** A command at a real terminal of 80 columns and 24 rows, and the person before it. */
export interface AtTerminal {
  /** Everything that was written, escape sequences and all. */
  readonly screen: () => string;
  type(keys: string): void;
  /** Resolves when the screen has shown the text, after the first `from` characters. */
  sees(text: string, from?: number): Promise<void>;
  readonly exitCode: Promise<number | null>;
}

/** Carries bytes between us and a pseudo-terminal, and the exit code back. */
const BRIDGE = `
import fcntl, os, pty, select, struct, sys, termios
pid, master = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack('HHHH', 24, 80, 0, 0))
sources = [master, 0]
while True:
    ready, _, _ = select.select(sources, [], [])
    if 0 in ready:
        keys = os.read(0, 4096)
        if keys: os.write(master, keys)
        else: sources.remove(0)
    if master in ready:
        try: shown = os.read(master, 65536)
        except OSError: shown = b''
        if not shown: break
        os.write(1, shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

/** Starts a command of the CLI at a terminal; ended with the test. */
export function startAtTerminal(args: readonly string[], options: RunOptions): AtTerminal {
  return startProgramAtTerminal([process.execPath, CLI, ...args], options);
}

/** Starts any program at a terminal; ended with the test. */
export function startProgramAtTerminal(program: readonly string[], { folder, env = {} }: RunOptions): AtTerminal {
  const bridge = spawn('python3', ['-c', BRIDGE, ...program], {
    env: { ...cleanEnvironment(), TERM: 'xterm-256color', TOKEN_SYNC_DATA: folder, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let shown = '';
  bridge.stdout.setEncoding('utf8').on('data', (text) => (shown += text));
  bridge.stdin.on('error', () => bridge.stdin.destroy());
  const ended = new Promise<number | null>((resolve) => bridge.on('close', resolve));
  onTestFinished(() => void bridge.kill('SIGKILL'));
  return {
    screen: () => shown,
    type: (keys) => void bridge.stdin.write(keys),
    sees: async (text, from = 0) => {
      try {
        await until(() => shown.indexOf(text, from) >= 0, `the screen shows ${text}`);
      } catch (error) {
        throw new Error(shown, { cause: error });
      }
    },
    exitCode: within(25_000, ended, 'the command to end'),
  };
}
