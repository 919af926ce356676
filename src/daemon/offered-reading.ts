import { TokenSyncError } from '../protocol/errors.ts';
import { MAX_TOKENS } from '../protocol/fields.ts';
import type { Bilingual } from '../protocol/language.ts';
import type { Params } from '../protocol/methods.ts';
import { parseTimestamp } from '../protocol/timestamp.ts';
import { parseTokenValue } from '../protocol/token-value.ts';
import { newId } from './new-id.ts';
import type { Reading } from './rules/record.ts';

/** A reading as a caller, a drop-file or an import offers it. */
export type OfferedReading = Params<'usage.import'>['sessions'][number];

/** Understands a reading as it was offered; throws `value_refused` with the reason. */
export function toReading(offered: OfferedReading, syncType: Reading['sync_type']): Reading {
  const { tokens, unit } = toTokens(offered.tokens);
  const dated = offered.timestamp === undefined ? undefined : parseTimestamp(offered.timestamp);
  return {
    id: offered.id ?? newId(),
    tokens,
    unit,
    sync_type: syncType,
    event: offered.event ?? '',
    conversation_id: offered.conversation_id ?? '',
    ...(dated !== undefined && { datedMs: dated }),
  };
}

function toTokens(value: number | string): { tokens: number; unit: number } {
  if (typeof value === 'number') {
    if (value < 0) throw refusedNumber({ zh: 'Token 值不能为负数', en: 'a token value cannot be negative' });
    if (!Number.isInteger(value)) throw refusedNumber({ zh: 'Token 值必须是整数', en: 'a token value must be whole' });
    if (value > MAX_TOKENS) {
      throw refusedNumber({ zh: 'Token 值超过 2^53−1', en: 'the token value is over 2^53−1' });
    }
    return { tokens: value, unit: 1 };
  }
  const parsed = parseTokenValue(value);
  if (!parsed.ok) throw new TokenSyncError('value_refused', parsed.text, { field: 'tokens', hint: parsed.hint });
  return parsed;
}

function refusedNumber(text: Bilingual): TokenSyncError {
  return new TokenSyncError('value_refused', text, {
    field: 'tokens',
    hint: { zh: '例如 350000、"350,000"、"350K"、"35万"', en: 'for example 350000, "350,000", "350K", "35万"' },
  });
}
