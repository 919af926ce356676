import type { Result, Usage } from '../../../protocol/methods.ts';
import type { Call } from '../command.ts';
import { showProgress } from '../show/progress-bar.ts';
import type { Ready, Skipped } from './to-session.ts';

/** The sum of an import over all its calls. */
export interface Sent {
  readonly importedCount: number;
  readonly skipped: readonly Skipped[];
  readonly totalTokens: number;
  readonly currentUsage: Usage;
}

const MAX_SESSIONS = 1_000;

/** Far below the daemon's limit of 4 MiB for a request. */
const MAX_CHUNK_LENGTH = 500_000;

/** Sends the sessions in calls of which each is all or nothing; their ids make it safe to start over after a failure. */
export async function sendSessions(
  ready: readonly Ready[],
  daemon: <T>(work: (call: Call) => Promise<T>) => Promise<T>,
  label: string,
): Promise<Sent> {
  const skipped: Skipped[] = [];
  let importedCount = 0;
  let totalTokens = 0;
  let currentUsage: Usage | undefined;
  let sent = 0;
  using progress = showProgress(label, ready.length);
  for (const chunk of chunksOf(ready)) {
    const sessions = chunk.map(({ session }) => session);
    const result: Result<'usage.import'> = await daemon((call) => call('usage.import', { sessions }));
    importedCount += result.imported_count;
    totalTokens += result.total_tokens;
    currentUsage = result.current_usage;
    for (const { index, reason } of result.skipped) {
      const { place, number } = chunk[index]!;
      skipped.push({ place, number, reason: REASONS[reason] ?? { zh: reason, en: reason } });
    }
    sent += chunk.length;
    progress.show(sent);
  }
  return { importedCount, skipped, totalTokens, currentUsage: currentUsage! };
}

/** At least one chunk, so that there is a result for a file without anything new. */
export function* chunksOf(ready: readonly Ready[]): Generator<readonly Ready[]> {
  let chunk: Ready[] = [];
  let length = 0;
  for (const item of ready) {
    const size = JSON.stringify(item.session).length;
    if (chunk.length === MAX_SESSIONS || (chunk.length > 0 && length + size > MAX_CHUNK_LENGTH)) {
      yield chunk;
      chunk = [];
      length = 0;
    }
    chunk.push(item);
    length += size;
  }
  yield chunk;
}

/** The daemon's reasons, which come in English. */
const REASONS: Readonly<Record<string, { readonly zh: string; readonly en: string }>> = {
  'already recorded (same id)': { zh: '已经导入过（相同 id）', en: 'already recorded (same id)' },
  'tokens must be above 0': { zh: 'tokens 不大于 0', en: 'tokens are not above 0' },
};
