/**
 * The value that another program wrote where a text belongs, as a text: another type as JSON, a missing one as empty. Never throws,
 * which `String` does of an object whose `toString` is no function.
 */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
}
