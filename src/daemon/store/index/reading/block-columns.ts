import { BLOCK_ROWS } from '../database/schema.ts';

/** Sessions in columns, by ordinal. */
export interface SessionColumns {
  readonly length: number;
  /** The time as far as it is believed; NaN of what was undone. */
  readonly toldMs: Float64Array;
  readonly counted: Float64Array;
  readonly setAside: Float64Array;
  /** Twice the number of the conversation, and 1 more where the time was named. */
  readonly conversation: Float64Array;
}

/** Changes in columns, by place. */
export interface ChangeColumns {
  readonly length: number;
  readonly toldMs: Float64Array;
  readonly used: Float64Array;
  readonly total: Float64Array;
}

export const SESSION_COLUMNS = 4;
export const CHANGE_COLUMNS = 3;

/** The columns of a block as it is stored. */
export function columnsOf(bytes: Uint8Array): Float64Array[] {
  const width = bytes.byteLength / (BLOCK_ROWS * Float64Array.BYTES_PER_ELEMENT);
  return Array.from({ length: width }, (_, column) => {
    return new Float64Array(bytes.buffer, bytes.byteOffset + column * BLOCK_ROWS * 8, BLOCK_ROWS);
  });
}
