import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { scratchFolder } from '../test/support/scratch.ts';

/** The bundle that users start. */
const DAEMON = join(import.meta.dirname, '..', 'dist', 'daemon.js');

/** A daemon process on a folder of its own. */
export interface BenchDaemon {
  readonly url: string;
  readonly folder: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts a daemon on a fresh folder, which goes with it unless it is to be kept, and resolves when it is healthy. */
export async function startDaemon(
  folder = scratchFolder(),
  env: NodeJS.ProcessEnv = {},
  goesToo = true,
): Promise<BenchDaemon> {
  const child = spawn(process.execPath, [DAEMON, '--data', folder, '--port', '0'], {
    // Whoever measures uses these tools, too.
    env: { ...process.env, TOKEN_SYNC_METERS_SOURCES: 'off', ...env },
    stdio: 'ignore',
  });
  const url = await untilHealthy(folder, child);
  return {
    url,
    folder,
    pid: child.pid!,
    async stop() {
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await exited;
      if (goesToo) rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function untilHealthy(folder: string, child: ChildProcess): Promise<string> {
  const file = join(folder, 'daemon.json');
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the daemon ended with ${child.exitCode}`);
    if (existsSync(file)) {
      const { url } = JSON.parse(readFileSync(file, 'utf8')) as { url: string };
      if (await isHealthy(url)) return url;
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

function isHealthy(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const call = request(`${url}/healthz`, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode === 200));
    });
    call.on('error', () => resolve(false));
    call.end();
  });
}
