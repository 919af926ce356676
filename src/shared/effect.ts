import type { SyncType } from '../protocol/methods.ts';

/** A value as it was offered, already understood. */
export interface Offer {
  readonly tokens: number;
  /** One unit of the value's last shown digit: 1 for an exact one, 1,000 for `350K`. */
  readonly unit: number;
  readonly sync_type: SyncType;
}

/** The effect of an offer on the usage. */
export interface Effect {
  readonly used: number;
  readonly increment: number;
  readonly reset?: true;
  /** The value is the present figure, rounded. */
  readonly rounded?: true;
}

/**
 * The table of sync types: what a value does to `used`, without regard to how large the figure becomes. A client foretells by
 * it as far as `used` alone tells; the daemon, which knows each counter's last figure, decides by `rules/figures`.
 */
export function effectOf(used: number, { tokens, unit, sync_type }: Offer): Effect {
  switch (sync_type) {
    case 'auto':
    case 'estimate':
    case 'import':
      return { used: used + tokens, increment: tokens };
    case 'correction':
      return { used: tokens, increment: tokens - used };
    case 'manual':
      if (tokens >= used) return { used: tokens, increment: tokens - used };
      // The same figure seen coarsely, such as `350K` while 350,400 are used.
      if (used - tokens < unit) return { used, increment: 0, rounded: true };
      return { used: tokens, increment: tokens, reset: true };
  }
}
