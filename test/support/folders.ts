import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { scratchFolder } from './scratch.ts';

/** An empty folder, removed when the test is over. */
export function temporaryFolder(parent?: string): string {
  const folder = scratchFolder(parent);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The path of a data folder that does not exist yet; what is there when the test is over is removed. */
export function freshFolder(): string {
  return join(temporaryFolder(), 'data');
}
