import type { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { expect, onTestFinished, test, vi } from 'vitest';
import { ClipboardReader } from '../../../src/daemon/sources/clipboard-reader.ts';
import { useXvfb } from '../../support/xvfb.ts';

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

/** Every process that is made ready from now on, whether it is started or not. */
function processesFromNowOn(): ChildProcess[] {
  const processes: ChildProcess[] = [];
  const note = (message: unknown) => void processes.push((message as { process: ChildProcess }).process);
  subscribe('child_process', note);
  onTestFinished(() => void unsubscribe('child_process', note));
  return processes;
}
