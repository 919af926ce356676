import type { Bilingual } from '../../../protocol/language.ts';
import type { Tool } from '../../../protocol/meters.ts';
import type { Part, ReadFile } from '../store/batch.ts';
import type { LookOrder } from './reader-words.ts';

/** Why a source is degraded, for people: what is wrong, and what to do. */
export interface Trouble {
  readonly text: Bilingual;
  readonly hint: Bilingual;
}

/** What was found at a place. */
export interface Looked {
  /** Each with how far it is read, as far as that is to be known after a start; saved together, or not at all. */
  readonly parts: readonly Part[];
  /** Why it could not be read or was not understood; without it the source is well. */
  readonly trouble?: Trouble;
  /** There where another look is worth it after so long, though nobody may ask for one. */
  readonly againMs?: number;
}

/** Reads a tool that keeps its figures otherwise than in files of lines. */
export interface ToolReader {
  readonly tool: Tool;
  /**
   * Reads what is new since the last look; at the start it is told to look at each of the tool's roots. No second look
   * begins before the first has ended. What other programs do to the place is trouble and no error: it rejects for bugs only.
   */
  look(order: LookOrder): Promise<Looked>;
}

/** `kept` are the files of this tool as its parts told them last. After a failure of the store it is begun anew with what was saved. */
export type BeginToolReader = (kept: readonly ReadFile[]) => ToolReader;
