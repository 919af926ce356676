import type { EstimateAccuracy } from '../../src/protocol/methods.ts';
import type { Row } from './rows.ts';

interface Stretch {
  readonly from: number;
  readonly amounts: readonly Row[];
}

/**
 * How far estimates were off between two figures of a counter. The texts say no more than that a value of the same
 * conversation must follow them: what was imported, edited or came with a file in between ends what can be compared.
 */
export function accuracyOf(rows: readonly Row[]): EstimateAccuracy {
  const found: { readonly estimated: number; readonly actual: number }[] = [];
  let stretch: Stretch | undefined;
  let used: number | undefined;
  for (const row of rows.filter(({ isUndone }) => !isUndone)) {
    const { reading, session } = row;
    const type = reading?.sync_type;
    const isFollowed = reading && type !== 'import';
    if (!isFollowed || (used !== undefined && reading.before !== used)) stretch = undefined;
    used = isFollowed ? session.total_used : undefined;
    if (!isFollowed) continue;
    if (type === 'auto' || type === 'estimate') {
      if (stretch) stretch = { ...stretch, amounts: [...stretch.amounts, row] };
    } else if (reading.value === session.total_used) {
      if (stretch) found.push(...comparison(stretch, row));
      stretch = { from: reading.value, amounts: [] };
    }
  }
  const sum = (amounts: readonly number[]) => amounts.reduce((total, amount) => total + amount, 0);
  const estimated = sum(found.map((one) => one.estimated));
  const actual = sum(found.map((one) => one.actual));
  const off = found.map((one) => Math.abs(percentOff(one.estimated, one.actual))).sort((one, other) => one - other);
  const median = (off[Math.floor(off.length / 2)]! + off[Math.ceil(off.length / 2) - 1]!) / 2;
  return {
    comparisons: found.length,
    estimated_tokens: estimated,
    actual_tokens: actual,
    error_percent: found.length === 0 ? null : toTenths(percentOff(estimated, actual)),
    median_error_percent: found.length === 0 ? null : toTenths(median),
  };
}

function comparison({ from, amounts }: Stretch, { reading, session }: Row): { estimated: number; actual: number }[] {
  const estimates = amounts.filter((row) => row.reading!.sync_type === 'estimate');
  const sum = (rows: readonly Row[]) => rows.reduce((total, row) => total + row.reading!.value, 0);
  const isOfOne = estimates.every((row) => row.session.conversation_id === session.conversation_id);
  const estimated = sum(estimates);
  const actual = reading!.value - from - (sum(amounts) - estimated);
  return isOfOne && estimated > 0 && actual > 0 ? [{ estimated, actual }] : [];
}

function percentOff(estimated: number, actual: number): number {
  return ((estimated - actual) / actual) * 100;
}

function toTenths(percent: number): number {
  return Math.round(percent * 10) / 10;
}
