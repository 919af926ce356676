import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { STATE_FILE } from '../../../protocol/addresses.ts';
import { parseTimestamp, toSessionTime } from '../../../protocol/timestamp.ts';
import { type Finding, type Subject, well, wrong } from './finding.ts';

/** Clocks of two machines on one disk differ by seconds. */
const TOLERANCE_MS = 300_000;

/** Whether the clock agrees with what was written and recorded already: nothing of it can be later than now. */
export function checkClock({ settings: { dataDir } }: Subject): Finding[] {
  const path = join(dataDir, STATE_FILE);
  const stat = statSync(path, { throwIfNoEntry: false });
  const latestMs = Date.now() + TOLERANCE_MS;
  if (stat && stat.mtimeMs > latestMs) return [behind(stat.mtimeMs)];
  const recordedMs = stat?.isFile() ? Math.max(...timesIn(path)) : Number.NEGATIVE_INFINITY;
  if (recordedMs > latestMs) return [ahead(recordedMs)];
  return [well('clock', '系统时间正常', 'the clock is right as far as can be told')];
}

function behind(writtenMs: number): Finding {
  const at = toSessionTime(writtenMs);
  return wrong(
    'clock',
    { zh: `系统时间早于上次记录的时间（${at}）`, en: `the clock is behind the last record (${at})` },
    { zh: `请校准系统时间${COMMAND}`, en: `set the clock${COMMAND}` },
  );
}

function ahead(recordedMs: number): Finding {
  const at = toSessionTime(recordedMs);
  return wrong(
    'clock',
    {
      zh: `有记录的时间晚于现在（${at}）：当时的系统时间偏快，或现在的偏慢，或时间填错了`,
      en: `a recording is dated later than now (${at}): the clock was ahead then, is behind now, or the date was entered wrong`,
    },
    {
      zh: `请校准系统时间${COMMAND}；若现在的时间正确，则无需处理：时钟记下的按前后记录的时间计入`,
      en: `set the clock${COMMAND}; where it is right by now nothing needs to be done: what it dated counts at the time of what was recorded around it`,
    },
  );
}

/** The times that a state file tells; one that cannot be read is another check's to tell of. */
function timesIn(path: string): number[] {
  try {
    const { last_updated, token_usage } = JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
    const sessions: unknown[] = Array.isArray(token_usage?.sessions) ? token_usage.sessions : [];
    return [last_updated, ...sessions.flatMap(timesOf)].flatMap((text) =>
      typeof text === 'string' ? (parseTimestamp(text) ?? []) : [],
    );
  } catch {
    return [];
  }
}

function timesOf(session: unknown): unknown[] {
  const { timestamp, start_time } = Object(session);
  return [timestamp, start_time];
}

const COMMANDS: Readonly<Record<string, string>> = {
  linux: 'sudo timedatectl set-ntp true',
  darwin: 'sudo sntp -sS time.apple.com',
  win32: 'w32tm /resync',
};

const COMMAND = COMMANDS[process.platform] === undefined ? '' : `: ${COMMANDS[process.platform]}`;
