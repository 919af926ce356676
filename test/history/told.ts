import type { Receipt, Session } from '../../src/protocol/methods.ts';
import { parseTokenValue } from '../../src/protocol/token-value.ts';
import type { standingAfter } from '../support/worlds/naive-fold.ts';
import type { Rise, Row } from './rows.ts';

/** What the naive fold says of a reading. */
export type Flags = NonNullable<ReturnType<ReturnType<typeof standingAfter>['flags']['get']>>;

export function percentOf(used: number, total: number): number {
  return total === 0 ? 0 : Math.round((used / total) * 10_000) / 100;
}

export function figureOf(tokens: number | string): { readonly value: number; readonly unit: number } {
  if (typeof tokens === 'number') return { value: tokens, unit: 1 };
  const parsed = parseTokenValue(tokens);
  if (!parsed.ok) throw new Error(`${tokens} is no value`);
  return { value: parsed.tokens, unit: parsed.unit };
}

/** In an order of which the texts say nothing. */
export function toldFlags(flags: Flags): NonNullable<Session['flags']> {
  const all = ['first', 'late', 'gave_way', 'new', 'replaces', 'restates'] as const;
  return all.filter((flag) => flags[flag]);
}

export function touchedOf({ session }: Row): NonNullable<Receipt['touched']> {
  const { id = '', event = '', tokens, timestamp = '' } = session;
  return { id, event, increment: Number(tokens), timestamp };
}

/** By how much it moved `used` up, at the time that it names. */
export function riseOf({ namedMs, reading, session }: Row): Rise[] {
  const tokens = reading ? Number(session.total_used) - reading.before : Number(session.tokens);
  return typeof session.tokens === 'number' && tokens > 0 ? risesAt(namedMs, tokens) : [];
}

export function risesAt(fromMs: number | undefined, tokens: number): Rise[] {
  return fromMs === undefined ? [] : [{ fromMs, tokens }];
}
