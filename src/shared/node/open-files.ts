import { readdirSync, readlinkSync } from 'node:fs';

/** A file that a process holds open. */
export interface OpenFile {
  readonly pid: number;
  /** The descriptor as a link, below `/proc`. */
  readonly link: string;
  /** The path that the link leads to. */
  readonly target: string;
}

/**
 * Every file that a process holds open, so far as Linux shows it to this user; none on other systems. Processes end and
 * descriptors close while they are looked at, and those of other users are not shown: all of them are left out.
 */
export function* openFiles(): Generator<OpenFile> {
  if (process.platform !== 'linux') return;
  for (const pid of entriesOf('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    for (const descriptor of entriesOf(`/proc/${pid}/fd`)) {
      const link = `/proc/${pid}/fd/${descriptor}`;
      const target = targetOf(link);
      if (target !== undefined) yield { pid: Number(pid), link, target };
    }
  }
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function targetOf(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined;
  }
}
