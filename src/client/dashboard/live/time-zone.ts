import { signal } from '@preact/signals';
import type { Bilingual } from '../../../protocol/language.ts';
import type { Session } from '../../../protocol/methods.ts';
import { parseTimestamp, toSessionTime } from '../../../protocol/timestamp.ts';

/** Far more than a page shows. */
const MOST_KNOWN = 2_000;

/** When readings were, by id, in milliseconds: their text tells the local time of the daemon, which need not be the browser's. */
const instants = signal<ReadonlyMap<string, number>>(new Map());

/** Takes in when sessions were, as far as the daemon tells. */
export function noteInstants(told: readonly { readonly id?: unknown; readonly at?: unknown }[]): void {
  const found = told.flatMap(({ id, at }): [string, number][] => {
    // Another program's session may have any text of that name.
    const atMs = typeof at === 'string' && at.endsWith('Z') ? parseTimestamp(at) : undefined;
    return typeof id === 'string' && atMs !== undefined ? [[id, atMs]] : [];
  });
  if (found.length === 0) return;
  const known = new Map(instants.peek());
  for (const [id, atMs] of found) {
    // An id that is told again becomes the newest, so that sessions on the page are forgotten last.
    known.delete(id);
    known.set(id, atMs);
  }
  instants.value = new Map([...known].slice(-MOST_KNOWN));
}

/** When a session was, if that is known. */
export function instantOf({ id }: Session): number | undefined {
  return typeof id === 'string' ? instants.value.get(id) : undefined;
}

/** An instant in the browser's local time; the text that there is where the instant is not known. */
export function localTime(atMs: number | undefined, text: string): string {
  return atMs === undefined ? text : toSessionTime(atMs);
}

/** A note that the daemon’s local time differs from the page’s; `undefined` where both are the same now. */
export function zoneNote(daemonZone: string | undefined, nowMs: number): Bilingual | undefined {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (daemonZone === undefined || timeIn(daemonZone, nowMs) === timeIn(zone, nowMs)) return undefined;
  return {
    zh: `时间按此浏览器的时区（${zone}）显示；守护进程和状态文件用的是 ${daemonZone}，其他程序的记录按原文显示`,
    en: `Times are in this browser's zone (${zone}); the daemon and the state file use ${daemonZone}, and other programs' readings are shown as written`,
  };
}

function timeIn(timeZone: string, atMs: number): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(atMs);
  } catch {
    // A browser need not know every zone that a system has.
    return timeZone;
  }
}
