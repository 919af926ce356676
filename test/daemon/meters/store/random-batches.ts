import type { Observation, Provenance } from '../../../../src/daemon/meters/observation.ts';
import type { Batch, Part } from '../../../../src/daemon/meters/store/batch.ts';

const PATHS = ['/a.jsonl', '/b.jsonl', '/c.jsonl', '/__proto__', '/d.jsonl'];
const METERS = ['claude', 'codex', '__proto__'];
const NAMES = [undefined, 'one', 'two', '__proto__', 'constructor'];
/** A quarter of an hour holds some of them. */
const STEP_MS = 400_000;

/** Batches of few keys and files, so that everything meets everything: lower, equal and larger sights, copies and withdrawals. */
export function randomBatch(random: () => number): Batch {
  const below = (count: number) => Math.floor(random() * count);
  const of = <T>(items: readonly T[]) => items[below(items.length)]!;
  const some = (items: readonly string[], chance: number) => items.filter(() => random() < chance);
  const provenance = (): Provenance => (random() < 0.8 ? 'exact' : 'estimated');
  const named = () => {
    const [conversation, model, folder] = [of(NAMES), of(NAMES), of(NAMES)];
    return {
      ...(conversation !== undefined && { conversation }),
      ...(model !== undefined && { model }),
      ...(folder !== undefined && { folder: `/home/${folder}` }),
    };
  };
  const seen = (): Observation => {
    const atMs = 1_700_000_000_000 + below(12) * STEP_MS;
    const kind = random();
    if (kind < 0.8) {
      const output = below(4);
      const tokens = {
        input: below(3),
        cache_read: below(3),
        cache_write: below(2),
        output,
        reasoning: Math.min(output, below(2)),
      };
      return {
        kind: 'count',
        meter: of(METERS),
        key: of(['k1', 'k2', '__proto__', `k${below(40)}`]),
        tokens,
        atMs,
        ...named(),
        provenance: provenance(),
      };
    }
    if (kind < 0.95) {
      const conversation = of(['c1', 'c2', '__proto__']);
      return {
        kind: 'gauge',
        meter: 'cursor.context',
        used: below(9),
        atMs,
        ...named(),
        conversation,
        provenance: provenance(),
      };
    }
    return {
      kind: 'window',
      meter: of(['codex.5h', 'codex.7d']),
      usedPercent: below(200),
      resetsAtMs: atMs,
      windowMinutes: 300,
      atMs,
      provenance: 'exact',
    };
  };
  const parts: Part[] = Array.from({ length: below(4) }, () => ({
    ...(random() < 0.8 && {
      file: { path: of(PATHS), source: 'codex', place: { offset: below(1_000) }, parser: [below(9)] },
    }),
    observations: Array.from({ length: below(8) }, seen),
  }));
  return { parts, forgotten: some(PATHS, 0.03), withdrawn: some(PATHS, 0.05), readAgain: some(PATHS, 0.05) };
}
