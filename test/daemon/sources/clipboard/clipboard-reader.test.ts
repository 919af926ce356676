import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { ClipboardReader } from '../../../../src/daemon/sources/clipboard/clipboard-reader.ts';
import { CLIPBOARD_TIMEOUT_MS } from '../../../../src/shared/clipboard-helpers.ts';
import { temporaryFolder } from '../../../support/folders.ts';
import type { ChildProcess } from '../../../support/programs.ts';
import { within } from '../../../support/until.ts';
import { useXvfb } from '../../../support/xvfb.ts';

const x = useXvfb();

test('a read that is given up starts nobody else, whose end could take the next copy with it', async () => {
  vi.stubEnv('DISPLAY', x().display);
  vi.stubEnv('WAYLAND_DISPLAY', '');
  onTestFinished(() => void vi.unstubAllEnvs());
  const owner = await x().copy('350,000 tokens used');
  owner.kill('SIGSTOP');
  const reader = new ClipboardReader();
  const processes = processesFromNowOn();

  await expect(reader.read()).rejects.toMatchObject({ kind: 'clipboard_unavailable' });

  const started = processes.filter(({ pid }) => pid !== undefined);
  expect(started.map(({ signalCode }) => signalCode)).toEqual(['SIGKILL']);
  expect(processes.length).toBeGreaterThan(1);
  await x().copy('351,000 tokens used');
  expect(await reader.read()).toBe('351,000 tokens used');
  await reader.close();
});

test('a helper that leaves a process of its own behind holds up neither its read nor the next one', async () => {
  const helper = helperOnPath();
  helper.does('sleep 60 & echo $! > "$0.pid"; wait');
  onTestFinished(() => void process.kill(Number(readFileSync(`${helper.path}.pid`, 'utf8')), 'SIGKILL'));
  const reader = new ClipboardReader();

  const refused = expect(reader.read()).rejects.toMatchObject({ message: expect.stringContaining('within 3 s') });
  await within(CLIPBOARD_TIMEOUT_MS + 1_000, refused, 'the refusal of the read');

  helper.does('printf "351,000 tokens used"');
  expect(await reader.read()).toBe('351,000 tokens used');
  await reader.close();
});

/** The first helper that the package looks for. */
function helperOnPath() {
  const folder = temporaryFolder();
  const path = join(folder, 'xsel');
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env.PATH}`);
  vi.stubEnv('WAYLAND_DISPLAY', '');
  onTestFinished(() => void vi.unstubAllEnvs());
  const does = (script: string) => writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { path, does };
}

/** Every process that is made ready from now on, whether it is started or not. */
function processesFromNowOn(): ChildProcess[] {
  const processes: ChildProcess[] = [];
  const note = (message: unknown) => void processes.push((message as { process: ChildProcess }).process);
  subscribe('child_process', note);
  onTestFinished(() => void unsubscribe('child_process', note));
  return processes;
}
