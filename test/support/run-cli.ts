import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { cleanEnvironment } from './environment.ts';
import { type ChildProcess, spawn } from './programs.ts';
import { within } from './until.ts';

/** The command line as users start it. */
export const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

export interface RunOptions {
  /** The data folder. */
  readonly folder: string;
  /** Standard input; empty when absent. */
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  /** True to be bound by file permissions, which root otherwise is not. */
  readonly isBoundByPermissions?: boolean;
}

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const MOST_MS = 25_000;

/** Runs a command to its end. */
export async function runCli(args: readonly string[], options: RunOptions): Promise<Run> {
  const running = startCli(args, options);
  running.process.stdin!.end(options.input ?? '');
  return await within(MOST_MS, running.ended, `token-sync ${args.join(' ')}`);
}

/** Runs a command with `--json`; throws unless standard output holds exactly one JSON object. */
export async function runJson(
  args: readonly string[],
  options: RunOptions,
  // biome-ignore lint/suspicious/noExplicitAny: the tests check the shape
): Promise<{ code: number | null; json: any }> {
  const { code, stdout } = await runCli([...args, '--json'], options);
  const json = JSON.parse(stdout);
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new Error(`not one object: ${stdout}`);
  return { code, json };
}

export interface RunningCli {
  readonly process: ChildProcess;
  readonly ended: Promise<Run>;
  readonly stdout: () => string;
  readonly stderr: () => string;
}

/** Starts a command that goes on; ended with the test. */
export function startCli(args: readonly string[], options: RunOptions): RunningCli {
  const { folder, env = {} } = options;
  const isAboveThem = options.isBoundByPermissions && process.getuid?.() === 0;
  const before = isAboveThem ? ['setpriv', '--bounding-set', '-dac_override,-dac_read_search'] : [];
  const [program = '', ...rest] = [...before, process.execPath, CLI, ...args];
  const child = spawn(program, rest, {
    env: { ...cleanEnvironment(), TOKEN_SYNC_DATA: folder, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
  // A command that refuses at once does not read what is offered to it.
  child.stdin.on('error', () => child.stdin.destroy());
  const ended = new Promise<Run>((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
  onTestFinished(() => void child.kill('SIGKILL'));
  return { process: child, ended, stdout: () => stdout, stderr: () => stderr };
}
