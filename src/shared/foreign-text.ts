/**
 * What another program wrote where a text belongs, as a text: anything that is none as JSON, nothing for nothing. Never throws,
 * which `String` does of an object whose `toString` is no function.
 */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
}
