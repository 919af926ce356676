import type { Chance } from './chance.ts';

/** The value as a person writes it in short: `350K`, from a million `1.2M`. */
export function roundedAsWritten(value: number): { value: number; unit: number } {
  const unit = value < 1_000_000 ? 1_000 : 100_000;
  return { value: Math.round(value / unit) * unit, unit };
}

/** The value with a digit twice, a digit missing, two digits in the wrong order, or a wrong one. */
export function mistyped(value: number, chance: Chance): number {
  const digits = `${value}`;
  const place = chance.whole(0, digits.length - 1);
  const before = digits.slice(0, place);
  const after = digits.slice(place + 1);
  const wrong = chance.pick([
    () => `${before}${digits[place]}${digits.slice(place)}`,
    () => `${before}${after}`,
    () => `${before}${after.slice(0, 1)}${digits[place]}${after.slice(1)}`,
    () => `${before}${chance.whole(0, 9)}${after}`,
  ]);
  return Number(wrong());
}
