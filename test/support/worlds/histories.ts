import fc from 'fast-check';
import type { FigureEntry, FigureReading } from '../../../src/daemon/rules/figures/entry.ts';

const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2025, 10, 3, 9);

type Step =
  | { readonly kind: 'undo'; readonly isLast: boolean; readonly pick: number }
  | { readonly kind: 'edit'; readonly value: number }
  | { readonly kind: 'renew'; readonly agoMinutes: number }
  | { readonly kind: 'reading'; readonly offer: Offer };

interface Offer {
  readonly sync_type: FigureReading['sync_type'];
  readonly value: number;
  readonly unit: number;
  readonly conversation: string;
  /** The time between reading and arrival; absent where the caller does not say. */
  readonly agoMinutes: number | undefined;
  /** What a source tells, with what a gauge rose by; otherwise somebody offered it. */
  readonly fed?: { readonly rises?: number };
  /** Whether a source feeds the budget then. */
  readonly isFeeding?: boolean;
}

/** Figures that are near each other, slips of each other, restarts of each other. */
const figures = fc
  .tuple(
    fc.constantFrom(350_000, 351_000, 360_000, 36_000, 3_600_000, 20_000, 22_000, 0),
    fc.oneof(fc.constant(0), fc.constantFrom(-500, -100, 100, 500), fc.nat({ max: 2_500 })),
  )
  .map(([figure, more]) => Math.max(0, figure + more));
const amounts = fc.oneof(fc.nat({ max: 3_000 }), fc.constantFrom(9_000, 40_000));
const units = fc.constantFrom(1_000, 1_000, 10_000);
const conversations = fc.constantFrom('', '', 'A', 'B');
const agoMinutes = fc.oneof(
  { weight: 6, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constantFrom(0, 5, 90, 300) },
);

function offers(sync_type: Offer['sync_type'], value: fc.Arbitrary<number>, coarse: number): fc.Arbitrary<Step> {
  const unit = fc.tuple(fc.nat({ max: 99 }), units).map(([percent, rough]) => (percent < coarse ? rough : 1));
  return fc
    .record({ sync_type: fc.constant(sync_type), value, unit, conversation: conversations, agoMinutes })
    .map((offer) => ({ kind: 'reading', offer }));
}

/** What a source tells: a gauge's value, or an amount of a counter. */
const fed: fc.Arbitrary<Step> = fc
  .record({
    gauge: fc.option(fc.record({ value: figures, rises: amounts }), { freq: 2 }),
    amount: amounts,
    conversation: fc.constantFrom('A', 'x', 'y'),
    agoMinutes: fc.constantFrom(0, 0, 0, 1, 90),
  })
  .map(({ gauge, amount, ...rest }): Step => {
    const offer = gauge
      ? { sync_type: 'live' as const, value: gauge.value, fed: { rises: gauge.rises } }
      : { sync_type: 'auto' as const, value: amount, fed: {} };
    return { kind: 'reading', offer: { ...rest, ...offer, unit: 1, isFeeding: true } };
  });

const whileFed = offers('manual', figures, 25).map((step): Step => {
  return step.kind === 'reading' ? { ...step, offer: { ...step.offer, isFeeding: true } } : step;
});

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 10, arbitrary: offers('manual', figures, 25) },
  { weight: 3, arbitrary: offers('estimate', amounts, 0) },
  { weight: 2, arbitrary: offers('auto', amounts, 0) },
  { weight: 1, arbitrary: offers('import', amounts, 0) },
  { weight: 2, arbitrary: offers('correction', figures, 10) },
  { weight: 3, arbitrary: fed },
  { weight: 1, arbitrary: whileFed },
  { weight: 2, arbitrary: fc.nat().map((pick): Step => ({ kind: 'undo', isLast: pick % 4 > 0, pick })) },
  { weight: 1, arbitrary: figures.map((value): Step => ({ kind: 'edit', value })) },
  { weight: 1, arbitrary: fc.constantFrom(0, 5, 90).map((agoMinutes): Step => ({ kind: 'renew', agoMinutes })) },
);
/** Minutes; now and then the clock is set back. */
const gaps = fc.constantFrom(0, 1, 1, 5, 9, 10, 11, 60, 600, -3, -30);

/** Histories of at most that many entries, of all kinds; an undo takes back the last reading that stands, or another. */
export function histories(maxLength: number): fc.Arbitrary<readonly FigureEntry[]> {
  return fc.array(fc.tuple(steps, gaps), { minLength: 1, maxLength, size: 'max' }).map((all) => {
    const standing: string[] = [];
    let committedMs = START_MS;
    return all.flatMap(([step, gap], index): FigureEntry[] => {
      committedMs += gap * MINUTE_MS;
      if (step.kind === 'edit') return [{ kind: 'edit', used: step.value, committedMs }];
      if (step.kind === 'undo') {
        const place = step.isLast ? standing.length - 1 : step.pick % Math.max(1, standing.length);
        const [undone] = standing.splice(place, 1);
        return undone === undefined ? [] : [{ kind: 'undo', undone, committedMs }];
      }
      const id = `${index}`;
      if (step.kind === 'renew') return [renewalOf(id, step.agoMinutes, committedMs)];
      if (!step.offer.fed) standing.push(id);
      const reading = readingOf(id, step.offer, committedMs);
      return [{ kind: 'reading', reading, committedMs, ...(step.offer.isFeeding && { feeds: true as const }) }];
    });
  });
}

function renewalOf(id: string, agoMinutes: number, committedMs: number): FigureEntry {
  const atMs = committedMs - agoMinutes * MINUTE_MS;
  const reading = { id, value: 0, unit: 1, sync_type: 'period', conversation_id: '', atMs, dated: true } as const;
  return { kind: 'reading', reading, committedMs };
}

function readingOf(id: string, offer: Offer, committedMs: number): FigureReading {
  const { unit } = offer;
  return {
    id,
    value: Math.round(offer.value / unit) * unit,
    unit,
    sync_type: offer.sync_type,
    conversation_id: offer.conversation,
    atMs: committedMs - (offer.agoMinutes ?? 0) * MINUTE_MS,
    dated: offer.agoMinutes !== undefined,
    ...(offer.fed && { ...offer.fed, isFed: true as const }),
  };
}
