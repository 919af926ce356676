import { readRegular } from '../../shared/node/regular-file.ts';

/** Since when the budget is renewed by a period; a reset from before that is none of the daemon's business. */
export interface RenewalMemory {
  /** The period as it is written in the settings. */
  readonly period: string;
  readonly sinceMs: number;
}

/** Reads a file of `memoryText`; `undefined` where it is missing or broken: then the renewing begins now. */
export function readRenewal(path: string): RenewalMemory | undefined {
  try {
    const { period, since } = JSON.parse(readRegular(path).toString('utf8')) as Record<string, unknown>;
    const sinceMs = typeof since === 'string' ? Date.parse(since) : Number.NaN;
    return typeof period === 'string' && Number.isFinite(sinceMs) ? { period, sinceMs } : undefined;
  } catch {
    return undefined;
  }
}

export function renewalText({ period, sinceMs }: RenewalMemory): string {
  return `${JSON.stringify({ period, since: new Date(sinceMs).toISOString() })}\n`;
}
