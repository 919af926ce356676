import { ulid } from 'ulid';
import { MAX_BODY_BYTES } from '../../protocol/addresses.ts';
import { MAX_IMPORT } from '../../protocol/limits.ts';
import type { ImportResult, ImportSession } from '../../protocol/methods.ts';

/** Imports in as few calls as the limits allow, one after the other, each session under an id, and sums the results. */
export async function importInChunks(
  sessions: readonly ImportSession[],
  importChunk: (chunk: ImportSession[]) => Promise<ImportResult>,
): Promise<ImportResult> {
  let sum: ImportResult | undefined;
  for (const { start, chunk } of chunksOf(sessions)) {
    const result = await importChunk(chunk);
    const skipped = result.skipped.map(({ index, reason }) => ({ index: index + start, reason }));
    sum = {
      success: true,
      imported_count: (sum?.imported_count ?? 0) + result.imported_count,
      skipped: [...(sum?.skipped ?? []), ...skipped],
      total_tokens: (sum?.total_tokens ?? 0) + result.total_tokens,
      current_usage: result.current_usage,
    };
  }
  return sum!;
}

/** Leaves room for what a request is wrapped in. */
const MOST_BYTES = MAX_BODY_BYTES - 1_024;

interface Chunk {
  /** The index of its first session in the whole list. */
  readonly start: number;
  readonly chunk: ImportSession[];
}

/** At least one chunk, so that an empty import has a result too. */
function* chunksOf(sessions: readonly ImportSession[]): Generator<Chunk> {
  const encoder = new TextEncoder();
  let start = 0;
  let chunk: ImportSession[] = [];
  let bytes = 0;
  for (const offered of sessions) {
    const session = { ...offered, id: offered.id ?? ulid() };
    const size = encoder.encode(JSON.stringify(session)).length + 1;
    if (chunk.length > 0 && (bytes + size > MOST_BYTES || chunk.length === MAX_IMPORT)) {
      yield { start, chunk };
      start += chunk.length;
      chunk = [];
      bytes = 0;
    }
    chunk.push(session);
    bytes += size;
  }
  yield { start, chunk };
}
