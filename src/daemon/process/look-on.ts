import type { Language } from '../../protocol/language.ts';
import { endedMeanwhile, leftRunning, runningBanner } from './banner.ts';
import { readDaemonFile } from './daemon-file.ts';
import type { DataFolder } from './data-folder.ts';
import { LogFollower } from './log-follower.ts';
import { onUnread, say } from './output.ts';

/** A person sees a line of the log within this time. */
const LOOK_MS = 100;

/** A daemon that has just taken the folder tells its address within this time. */
const START_MS = 5_000;

/**
 * Shows where the daemon of the folder is, and its log as it grows, until `left` resolves or the daemon ends; false where
 * none tells its address. It only reads, so that the daemon is none the worse for it.
 */
export async function lookOn(folder: DataFolder, language: Language, left: Promise<unknown>): Promise<boolean> {
  let hasLeft = false;
  const leaving = left.then(() => {
    hasLeft = true;
  });
  let isRead = true;
  onUnread(() => {
    isRead = false;
  });
  const look = () => Promise.race([leaving, new Promise((resolve) => setTimeout(resolve, LOOK_MS))]);

  const deadlineMs = performance.now() + START_MS;
  let running = readDaemonFile(folder.daemonFile);
  while (!running || !isAlive(running.pid)) {
    if (hasLeft || performance.now() > deadlineMs) return false;
    await look();
    running = readDaemonFile(folder.daemonFile);
  }
  say(runningBanner(running, folder, language));

  const log = new LogFollower(folder.logFolder);
  say(log.lastLines());
  for (;;) {
    // Asked before the log is read: what the daemon wrote before its end is shown.
    const isOver = hasEnded(running.pid, folder.daemonFile);
    say(log.grown());
    if (hasLeft || isOver || !isRead) break;
    await look();
  }
  log.close();
  say(hasLeft ? leftRunning(language) : endedMeanwhile(language));
  return true;
}

/** One that stops takes its file away; one that was killed leaves it. */
function hasEnded(pid: number, daemonFile: string): boolean {
  return readDaemonFile(daemonFile)?.pid !== pid || !isAlive(pid);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process cannot be signalled, but runs.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
