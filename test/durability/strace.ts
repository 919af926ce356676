import { closeSync, openSync, readFileSync } from 'node:fs';
import { has } from '../support/needs.ts';
import { spawn, spawnSync } from '../support/programs.ts';

/** Every call that changes files, or makes changes durable. */
export const FILE_CALLS = [
  ...[
    'open',
    'openat',
    'creat',
    'close',
    'write',
    'writev',
    'pwrite64',
    'pwritev',
    'pwritev2',
    'truncate',
    'ftruncate',
  ],
  ...[
    'rename',
    'renameat',
    'renameat2',
    'unlink',
    'unlinkat',
    'rmdir',
    'mkdir',
    'mkdirat',
    'link',
    'linkat',
    'symlink',
  ],
  ...['symlinkat', 'fsync', 'fdatasync', 'sync_file_range', 'fallocate', 'fchmod', 'chmod', 'fchmodat'],
  ...['copy_file_range', 'sendfile', 'lseek'],
];

/** True where strace can follow a process. */
export function hasStrace(): boolean {
  return has('strace') && spawnSync('strace', ['-qq', '-o', '/dev/null', 'true']).status === 0;
}

/** One system call as strace shows it; `entered` and `left` are the places of its beginning and end among all lines. */
export interface Call {
  readonly name: string;
  readonly args: readonly string[];
  readonly result: number;
  readonly entered: number;
  readonly left: number;
  readonly pid: string;
}

export interface TracedRun {
  readonly log: string;
  readonly told: string;
  readonly args: readonly string[];
  /** More of strace's own flags. */
  readonly flags: readonly string[];
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

/** Runs a Node program under strace with what it tells on descriptor 3; one pool thread, so that calls come in one order. */
export async function runTraced({ log, told, args, flags }: TracedRun): Promise<Ended> {
  const fd = openSync(told, 'a', 0o600);
  try {
    const child = spawn('strace', ['-f', '-qq', '-o', log, ...flags, process.execPath, ...args], {
      stdio: ['ignore', 'ignore', 'pipe', fd],
      env: { PATH: process.env.PATH, UV_THREADPOOL_SIZE: '1', LC_ALL: 'C.UTF-8', TZ: 'UTC' },
    });
    let stderr = '';
    child.stderr!.setEncoding('utf8').on('data', (text) => (stderr += text));
    return await new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => resolve({ code, signal, stderr }));
    });
  } finally {
    closeSync(fd);
  }
}

/** The calls of a log made with `-f -xx`, in the order of their beginnings; those that a kill cut off have no end. */
export function callsOf(log: string): Call[] {
  const calls: Call[] = [];
  const open = new Map<string, { head: string; entered: number }>();
  for (const [index, line] of readFileSync(log, 'utf8').split('\n').entries()) {
    const match = /^(\d+) +(.*)$/.exec(line);
    if (!match) continue;
    const [, pid = '', rest = ''] = match;
    if (rest.startsWith('+++') || rest.startsWith('---')) continue;
    if (rest.endsWith('<unfinished ...>')) {
      open.set(pid, { head: rest.slice(0, -'<unfinished ...>'.length).trimEnd(), entered: index });
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest);
    const begun = resumed && open.get(pid);
    const whole = begun ? begun.head + resumed[1] : rest;
    if (begun) open.delete(pid);
    const call = /^(\w+)\((.*)\) += (-?\d+|\?)/.exec(whole);
    if (!call || call[3] === '?') continue;
    const [, name = '', args = '', result] = call;
    calls.push({
      name,
      args: args.split(', '),
      result: Number(result),
      entered: begun?.entered ?? index,
      left: index,
      pid,
    });
  }
  return calls.sort((a, b) => a.entered - b.entered);
}

/** The bytes of a string in a log made with `-xx`. */
export function bytesOf(argument: string): Buffer {
  const match = /^"((?:\\x[0-9a-f]{2})*)"$/.exec(argument);
  if (!match) throw new Error(`not a whole string: ${argument.slice(0, 100)}`);
  return Buffer.from(match[1]!.replaceAll('\\x', ''), 'hex');
}
