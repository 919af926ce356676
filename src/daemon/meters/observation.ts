/** Disjoint classes but for `reasoning`, which lies within `output`; safe integers >= 0. */
export interface TokenCounts {
  readonly input: number;
  readonly cache_read: number;
  readonly cache_write: number;
  readonly output: number;
  readonly reasoning: number;
}

/** Whether the tool itself told the figure, or it is derived from something coarser. */
export type Provenance = 'exact' | 'estimated';

/** One counted thing; the largest sum of classes seen under a key wins, and its classes with it. */
export interface CountSeen {
  readonly kind: 'count';
  readonly meter: string;
  readonly key: string;
  readonly tokens: TokenCounts;
  readonly atMs: number;
  readonly conversation?: string;
  readonly model?: string;
  /** The tool's full working folder; only the store turns it into a project. */
  readonly folder?: string;
  readonly provenance: Provenance;
}

/** How full the context of a conversation is, in tokens. */
export interface GaugeSeen {
  readonly kind: 'gauge';
  readonly meter: string;
  readonly conversation: string;
  readonly used: number;
  readonly limit?: number;
  readonly model?: string;
  readonly folder?: string;
  readonly atMs: number;
  readonly provenance: Provenance;
}

/** How much of a vendor's limit is used up, and when that begins anew. */
export interface WindowSeen {
  readonly kind: 'window';
  readonly meter: string;
  /** May lie above 100, where the tool says so. */
  readonly usedPercent: number;
  readonly resetsAtMs: number;
  readonly windowMinutes: number;
  readonly atMs: number;
  readonly provenance: Provenance;
}

/** What a reading of a source finds. */
export type Observation = CountSeen | GaugeSeen | WindowSeen;

/** That one conversation was forked from another, or started by it as a sub-agent. */
export interface Link {
  readonly child: string;
  readonly parent: string;
}
