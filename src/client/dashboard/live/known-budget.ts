import type { Result } from '../../../protocol/methods.ts';

/** Whether somebody has set the budget, by what the daemon tells now; what was known `before` while it cannot know. */
export function isTotalSetBy(
  { total_is_set, warnings }: Pick<Result<'daemon.info'>, 'total_is_set' | 'warnings'>,
  before: boolean | undefined,
): boolean | undefined {
  const isUnsure = warnings.some(({ code }) => code === 'history_made_anew');
  return total_is_set ?? (isUnsure ? before : false);
}
