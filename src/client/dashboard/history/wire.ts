import type { Forecast } from '../../../protocol/methods.ts';
import { call } from '../connection.ts';

/** A forecast with the range that its pace has had. */
export type ForecastWithRange = Forecast & {
  readonly range?:
    | {
        readonly tokens_per_day_low: number;
        readonly tokens_per_day_high: number;
        readonly earliest: string | null;
        readonly latest: string | null;
      }
    | undefined;
};

export interface ConversationSum {
  readonly conversation_id: string;
  readonly tokens: number;
  readonly readings: number;
  readonly last_at: string;
}

interface Answers {
  'usage.series': { readonly points: { at: string; used: number; total: number }[] };
  'usage.conversations': {
    readonly conversations: ConversationSum[];
    readonly others?: { readonly conversations: number; readonly tokens: number; readonly readings: number };
  };
}

/** A call of a method that the contract is about to have. */
export function ask<M extends keyof Answers>(
  method: M,
  params: Readonly<Record<string, unknown>>,
): Promise<Answers[M]> {
  return call(method as never, params as never) as Promise<Answers[M]>;
}
