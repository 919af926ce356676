import type { Params } from '../../src/protocol/methods.ts';

/** A change to the state file by another program that reads it, changes it and writes it at once. */
export type Change =
  | { readonly kind: 'used'; readonly by: number }
  | { readonly kind: 'total'; readonly total: number }
  | { readonly kind: 'add'; readonly session: Readonly<Record<string, unknown>> }
  /** By its place in the file, counted modulo the number of sessions there. */
  | { readonly kind: 'remove'; readonly place: number }
  | { readonly kind: 'rename'; readonly place: number; readonly event: string };

/** How a reading comes in. */
export type Way = 'rpc' | 'rest' | 'drop';

/** Something that happens to a data folder. All that is random is decided, so that it can be told and done again. */
export type Act =
  | { readonly kind: 'clock'; readonly nowMs: number }
  | { readonly kind: 'record'; readonly way: Way; readonly params: Params<'usage.record'> }
  | { readonly kind: 'import'; readonly sessions: Params<'usage.import'>['sessions'] }
  | { readonly kind: 'undo'; readonly id?: string }
  | { readonly kind: 'total'; readonly total: number }
  | { readonly kind: 'edit'; readonly changes: readonly Change[] }
  /** A copy of the state file from before as many changes is put back. */
  | { readonly kind: 'old copy'; readonly ago: number }
  | { readonly kind: 'restart'; readonly isKill: boolean };
