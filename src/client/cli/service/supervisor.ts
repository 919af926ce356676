import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { FAILURES } from '../../../protocol/errors.ts';
import { pause } from '../../sdk/connection/backoff.ts';

/** This many crashes within this time are no accident: the supervisor gives up. */
const MOST_CRASHES = 4;
const WITHIN_MS = 60_000;

/** A crash that the disk or the network caused may be over by then. */
const RESTART_MS = 1_000;

/** Exit codes that no restart changes: a clean stop, wrong settings, and another daemon on the folder. */
const FINAL: ReadonlySet<number> = new Set([0, FAILURES.wrong_usage.exit, FAILURES.owned_by_other.exit]);

/** Runs a program, again after a crash, until it ends by itself or has crashed four times in a minute; returns its exit code. */
export async function supervise(command: readonly string[]): Promise<number> {
  const crashes: number[] = [];
  for (;;) {
    const code = await runOnce(command);
    if (FINAL.has(code)) return code;
    const nowMs = performance.now();
    crashes.push(nowMs);
    if (crashes.filter((atMs) => atMs > nowMs - WITHIN_MS).length >= MOST_CRASHES) return code;
    await pause(RESTART_MS);
  }
}

function runOnce([program = '', ...args]: readonly string[]): Promise<number> {
  const child = spawn(program, args, { stdio: 'ignore', windowsHide: true });
  const pass = (signal: NodeJS.Signals) => void child.kill(signal);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, pass);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      for (const name of signals) process.off(name, pass);
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
    });
  });
}
