import { TokenSyncError } from '../protocol/errors.ts';
import type { Bilingual } from '../protocol/language.ts';
import { MAX_TOKENS } from '../protocol/limits.ts';
import type { Params } from '../protocol/methods.ts';
import { parseTimestamp } from '../protocol/timestamp.ts';
import { explainRefusal, parseTokenValue, REFUSAL_TEXTS } from '../protocol/token-value.ts';
import { isBareNumber } from '../shared/words/implausible-value.ts';
import { newId } from './new-id.ts';
import type { Reading } from './rules/record.ts';

/** A reading as a caller, a drop-file or an import offers it. */
export type OfferedReading = Params<'usage.import'>['sessions'][number];

/** Understands a reading as it was offered; throws `value_refused` with the reason. */
export function toReading(offered: OfferedReading, syncType: Reading['sync_type']): Reading {
  const { tokens, unit } = toTokens(offered.tokens);
  const dated = offered.timestamp === undefined ? undefined : parseTimestamp(offered.timestamp);
  return {
    ...(offered.id === undefined ? { id: newId(), isNew: true as const } : { id: offered.id }),
    tokens,
    unit,
    sync_type: syncType,
    event: offered.event ?? '',
    conversation_id: offered.conversation_id ?? '',
    ...(dated !== undefined && { datedMs: dated }),
  };
}

/** The form of a value, for the question whether it can be meant. */
export interface Writing {
  /** A number without a label and without its budget beside it. */
  readonly isBare: boolean;
}

/** The form of a value that has been understood. */
export function writingOf(tokens: number | string): Writing {
  return { isBare: isBareNumber(tokens) };
}

function toTokens(value: number | string): { tokens: number; unit: number } {
  if (typeof value === 'number') {
    if (value < 0) throw refusedNumber(REFUSAL_TEXTS.negative);
    if (!Number.isInteger(value)) throw refusedNumber(REFUSAL_TEXTS.fractional);
    if (value > MAX_TOKENS) throw refusedNumber(REFUSAL_TEXTS.too_large);
    return { tokens: value, unit: 1 };
  }
  const parsed = parseTokenValue(value);
  if (!parsed.ok)
    throw new TokenSyncError('value_refused', explainRefusal(value), { field: 'tokens', hint: parsed.hint });
  return parsed;
}

function refusedNumber(text: Bilingual): TokenSyncError {
  return new TokenSyncError('value_refused', text, {
    field: 'tokens',
    hint: { zh: '例如 350000、"350,000"、"350K"、"35万"', en: 'for example 350000, "350,000", "350K", "35万"' },
  });
}
