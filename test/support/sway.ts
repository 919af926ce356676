import { chmodSync, chownSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { needs } from './needs.ts';
import { spawn, spawnSync } from './programs.ts';
import { scratchFolder } from './scratch.ts';
import { until } from './until.ts';

/** A Wayland compositor of a test's own, without a screen and without an X server, and its clipboard. */
export interface Sway {
  /** The environment in which programs find it; names no X server. */
  readonly env: Readonly<Record<string, string>>;
  copy(content: string | Uint8Array, type?: string): void;
}

/** Starts one that ends with the test, which is skipped where there is none; as an ordinary user, since it refuses to run as root. */
export async function startSway(): Promise<Sway> {
  needs('sway', 'wl-copy', 'wl-paste');
  const folder = scratchFolder();
  const config = join(folder, 'config');
  writeFileSync(config, 'xwayland disable\n');
  chmodSync(folder, 0o700);
  const isRoot = process.getuid?.() === 0;
  if (isRoot) chownSync(folder, NOBODY, NOBODY);
  const before = isRoot ? ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'] : [];
  const [program = '', ...args] = [...before, 'sway', '-c', config];
  const compositor = spawn(program, args, {
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      XDG_RUNTIME_DIR: folder,
      WLR_BACKENDS: 'headless',
      WLR_LIBINPUT_NO_DEVICES: '1',
      WLR_RENDERER: 'pixman',
    },
    stdio: 'ignore',
  });
  const gone = new Promise((resolve) => compositor.once('exit', resolve));
  onTestFinished(async () => {
    compositor.kill();
    await gone;
    rmSync(folder, { recursive: true, force: true });
  });
  const name = await until(() => readdirSync(folder).find((file) => /^wayland-\d+$/.test(file)), 'sway is there');
  const env = { XDG_RUNTIME_DIR: folder, WAYLAND_DISPLAY: name, DISPLAY: '' };
  return {
    env,
    copy(content, type) {
      const flags = type === undefined ? [] : ['--type', type];
      const { status } = spawnSync('wl-copy', flags, {
        env: { ...process.env, ...env },
        input: content,
        stdio: ['pipe', 'ignore', 'ignore'],
      });
      if (status !== 0) throw new Error(`wl-copy ended with ${status}`);
    },
  };
}

/** The user `nobody` of every Linux. */
const NOBODY = 65_534;
