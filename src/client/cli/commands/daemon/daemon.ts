import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { flagName, SETTINGS } from '../../../../shared/settings.ts';
import { defineCommand } from '../../command.ts';
import { GLOBAL_FLAGS } from '../../flags.ts';

/** Runs the daemon in the foreground: it speaks for itself, gets every signal and flag, and its exit code is ours. */
export const daemon = defineCommand({
  summary: { zh: '在前台运行守护进程', en: 'run the daemon in the foreground' },
  example: { zh: 'token-sync daemon --port 9000', en: 'token-sync daemon --port 9000' },
  notes: SETTINGS.filter(({ key }) => !Object.hasOwn(GLOBAL_FLAGS, key)).map(
    ({ key, wanted }) => [`--${flagName(key)}`, wanted] as const,
  ),
  flags: {},
  args: [],
  passesThrough: true,
  async run({ rawArgs, settings }) {
    const code = await runInForeground(daemonArguments(rawArgs), settings.isJson);
    return { text: '', json: { success: code === 0, exit_code: code }, exitCode: code };
  },
});

/** Flags that only clients know. */
const OWN_FLAGS: ReadonlySet<string> = new Set(['--json', '--no-spawn']);

function daemonArguments(args: readonly string[]): string[] {
  return args.filter((arg) => !OWN_FLAGS.has(arg));
}

function runInForeground(args: readonly string[], isQuiet: boolean): Promise<number> {
  // Standard output holds one JSON object or the daemon's own words, not both.
  const child = spawn(process.execPath, [daemonEntry(), ...args], {
    stdio: ['inherit', isQuiet ? 2 : 'inherit', 'inherit'],
  });
  // Ctrl+C reaches the whole process group, a service manager's signal only us; the daemon bears both.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK'] as const) {
    process.on(signal, () => child.kill(signal));
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}

function daemonEntry(): string {
  const entry = import.meta.url.endsWith('.ts') ? '../../../../daemon/main.ts' : './daemon.js';
  return fileURLToPath(new URL(entry, import.meta.url));
}
