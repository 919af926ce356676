import type { Bilingual } from '../../../protocol/language.ts';

/** One session of a file as it stands there, and where. */
export interface Entry {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly place: Bilingual;
  /** The line or, within one JSON document, the number of the entry. */
  readonly number: number;
  /** Why it is not to be imported. */
  readonly leftOut?: Bilingual;
}

/** A row of a CSV file, header or not. */
export interface Row {
  readonly record: readonly string[];
  /** The line that it begins on. */
  readonly number: number;
}
