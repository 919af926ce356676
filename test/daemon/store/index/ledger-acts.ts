import fc from 'fast-check';
import { renewOperation } from '../../../../src/daemon/operations.ts';
import { TokenSyncError } from '../../../../src/protocol/errors.ts';
import { type OpenedStore, openStore, reopened } from '../opened-store.ts';

/** What is done to a store, one after the other; `minute` moves the clock there, backwards too. */
export type Act =
  | { readonly do: 'record'; readonly more: ReadingMore; readonly tokens: number }
  | { readonly do: 'import'; readonly readings: readonly (ReadingMore & { readonly tokens: number })[] }
  | { readonly do: 'add'; readonly sessions: readonly object[]; readonly keeps: number | null }
  | { readonly do: 'clock'; readonly minute: number }
  | { readonly do: 'total' | 'used' | 'remove' | 'change' | 'bring back'; readonly by: number }
  | { readonly do: 'renew'; readonly agoMinutes: number }
  | { readonly do: 'undo' | 'restart' };

interface ReadingMore {
  readonly sync_type?: 'manual' | 'auto' | 'estimate' | 'correction';
  readonly conversation_id: string;
  readonly event: string;
  readonly datedMs?: number;
}

const START_MS = Date.UTC(2026, 0, 1);
const MINUTE_MS = 60_000;
const SEGMENT_BYTES = 3_000;

/** Some differ only in what UTF-8 has no place for. */
const halves = ['half \ud83d', 'half \ud83e', 'half \ufffd', 'half \u{10d83d}'];
const text = fc.constantFrom('', 'a', 'Ärger', 'ÄRGER', 'İ', 'x\0y', ...halves, '\ufeffmark', '完成😀');
const dated = fc.option(
  fc.integer({ min: -50, max: 80 }).map((minute) => START_MS + minute * MINUTE_MS),
  { nil: undefined },
);
const more = fc
  .record({ conversation_id: text, event: text, datedMs: dated })
  .map(({ datedMs, ...rest }) => ({ ...rest, ...(datedMs !== undefined && { datedMs }) }));
const kind = fc.constantFrom('manual', 'auto', 'auto', 'estimate', 'correction');
const record = fc
  .tuple(kind, more, fc.integer({ min: 1, max: 900 }))
  .map(([sync_type, rest, tokens]): Act => ({ do: 'record', tokens, more: { ...rest, sync_type } }));

/** As other programs write them: with or without an id, a time, a figure that is one. */
const theirs = fc.record(
  {
    id: fc.constantFrom('theirs-1', 'theirs-2', ...halves),
    timestamp: fc.constantFrom('2026-01-01 00:20:00', '2025-12-31 23:00:00', 'some time'),
    tokens: fc.constantFrom<unknown>(5, 70.6, -3, 9_007_199_254_740_991, 'many'),
    event: fc.oneof(text, fc.constant(7)),
    task: text,
    conversation_id: text,
  },
  { requiredKeys: [] },
);

const by = fc.nat(1_000);
/** A row of acts; most record something. */
export const acts: fc.Arbitrary<Act[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: record },
    {
      weight: 2,
      arbitrary: fc
        .array(
          fc.tuple(more, fc.integer({ min: 1, max: 50 })).map(([rest, tokens]) => ({ ...rest, tokens })),
          { minLength: 1, maxLength: 4 },
        )
        .map((readings): Act => ({ do: 'import', readings })),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.array(theirs, { minLength: 1, maxLength: 3 }), fc.option(fc.integer({ min: 3, max: 8 })))
        .map(([sessions, keeps]): Act => ({ do: 'add', sessions, keeps })),
    },
    { weight: 4, arbitrary: fc.nat(60).map((minute): Act => ({ do: 'clock', minute })) },
    {
      weight: 5,
      arbitrary: fc
        .tuple(fc.constantFrom('total', 'used', 'remove', 'remove', 'change', 'bring back', 'bring back'), by)
        .map(([what, amount]): Act => ({ do: what, by: amount })),
    },
    { weight: 1, arbitrary: fc.nat(30).map((agoMinutes): Act => ({ do: 'renew', agoMinutes })) },
    { weight: 4, arbitrary: fc.constant<Act>({ do: 'undo' }) },
    { weight: 1, arbitrary: fc.constant<Act>({ do: 'restart' }) },
  ),
  { minLength: 1, maxLength: 40, size: 'max' },
);

/** A store to which such acts were done, over several segments, and the clock by which that was. */
export interface Played {
  readonly opened: OpenedStore;
  readonly nowMs: number;
}

/** Does them in a folder. */
export async function play(folder: string, all: readonly Act[]): Promise<Played> {
  let nowMs = START_MS;
  const options = { now: () => nowMs, maxSegmentBytes: SEGMENT_BYTES };
  let opened = await openStore(folder, options);
  // biome-ignore lint/suspicious/noExplicitAny: a session of whatever program
  const gone: any[] = [];
  let ids = 0;
  // Every other differs from the one before it in half a character.
  const nextId = () => `r${ids >> 1}${ids++ % 2 ? '\ud800' : '\ud801'}`;
  for (const act of all) {
    if (act.do === 'clock') nowMs = START_MS + act.minute * MINUTE_MS;
    else if (act.do === 'restart') opened = await reopened(opened, options);
    else await doOne(act);
  }
  return { opened, nowMs };

  async function doOne(act: Act): Promise<void> {
    try {
      await done(act);
    } catch (error) {
      // A row of any acts asks for what cannot be, such as an undo of nothing.
      if (!(error instanceof TokenSyncError)) throw error;
    }
  }

  async function done(act: Act): Promise<unknown> {
    switch (act.do) {
      case 'record':
        return opened.record(act.tokens, { id: nextId(), ...act.more });
      case 'import':
        return opened.import(act.readings.map((reading) => ({ id: nextId(), ...reading })));
      case 'renew': {
        const atMs = nowMs - act.agoMinutes * MINUTE_MS;
        return opened.monitor.submit(renewOperation({ id: `period:${ids++}`, atMs, event: '周期重置' }));
      }
      case 'undo':
        return opened.undo(`u${ids++}`);
      case 'total':
        return opened.setTotal(1_000_000 + (act.by % 3));
      case 'used':
        return edited((usage) => (usage.used = act.by));
      case 'add':
        return edited(({ sessions }) => {
          sessions.unshift(...act.sessions);
          // A program that keeps no more than so many.
          if (act.keeps !== null) gone.push(...sessions.splice(act.keeps));
        });
      case 'remove':
        return edited(({ sessions }) => gone.push(...sessions.splice(act.by % Math.max(1, sessions.length), 1)));
      case 'change':
        return edited(({ sessions }) => {
          const session = sessions[act.by % Math.max(1, sessions.length)];
          if (session) Object.assign(session, act.by % 2 ? { id: `other-${act.by}` } : { note: act.by });
        });
      case 'bring back':
        return edited(({ sessions }) => sessions.push(...gone.splice(act.by % Math.max(1, gone.length), 1)));
      default:
        throw new Error(`nothing does ${act.do}`);
    }
  }

  // biome-ignore lint/suspicious/noExplicitAny: a person changes what he likes
  async function edited(change: (usage: any) => unknown): Promise<void> {
    opened.edit((state) => change(state.token_usage));
    await opened.adopt();
  }
}
