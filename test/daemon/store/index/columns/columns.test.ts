import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Column } from '../../../../../src/daemon/store/index/columns/columns.ts';

/** More than one chunk of any size that a column may have inside. */
const MANY = 10_000;

function columnOf(values: readonly number[]): Column {
  const column = new Column();
  for (const value of values) column.push(value);
  return column;
}

function valuesOf(column: Column): number[] {
  return Array.from({ length: column.length }, (_, index) => column.at(index));
}

/** Numbers of every width; a column makes 0 of -0. */
const numbers = fc.oneof(
  fc.constant(7),
  fc.integer({ min: 1_000, max: 1_200 }),
  fc.integer({ min: 0, max: 2 ** 32 }),
  fc.maxSafeInteger(),
  fc.double().filter((value) => !Object.is(value, -0)),
);

/** Long runs of one number between others, so that parts of a column are of one width and others mixed. */
const columns = fc
  .array(fc.tuple(numbers, fc.nat({ max: 6_000 })), { minLength: 1, maxLength: 4 })
  .map((runs) => runs.flatMap(([value, times]) => [value, ...Array<number>(times).fill(7)]));

test.each<[string, (index: number) => number]>([
  ['one and the same number', () => 1_764_000_000_000],
  ['small numbers', (index) => index % 200],
  ['instants close to each other', (index) => 1_764_000_000_000 + index * 7],
  ['instants over many years', (index) => 1_764_000_000_000 + index * 86_400_000],
  ['numbers below 0', (index) => index * -70_000 - 1],
  ['hashes of 32 bits', (index) => Math.imul(index, 0x9e3779b1) >>> 0],
  ['fractions', (index) => index / 3],
  ['numbers further apart than 32 bits', (index) => (index % 2 === 0 ? 0 : Number.MAX_SAFE_INTEGER)],
  ['numbers beyond the safe ones', (index) => (index % 2 === 0 ? 9e15 : Number.MAX_VALUE)],
  ['what is no number', (index) => (index % 3 === 0 ? Number.NaN : index % 3 === 1 ? Number.NEGATIVE_INFINITY : 4)],
])('%s are given back as they were', (_, valueAt) => {
  const values = Array.from({ length: MANY }, (_, index) => valueAt(index));
  const column = columnOf(values);
  const copy = new Column();
  copy.append(column.from(0));

  expect(column.length).toBe(MANY);
  expect(valuesOf(column)).toEqual(values);
  expect(valuesOf(copy)).toEqual(values);
});

test('a column is the same in whatever parts it was taken in, and whatever was changed in it', () => {
  const changes = fc.array(fc.tuple(fc.nat(), numbers), { maxLength: 20 });
  fc.assert(
    fc.property(columns, fc.nat(), changes, (values, cut, changed) => {
      const expected = [...values];
      const from = cut % expected.length;
      const column = columnOf(expected.slice(0, from));
      column.append(columnOf(expected).from(from));
      for (const [at, value] of changed) {
        column.set(at % expected.length, value);
        expected[at % expected.length] = value;
      }
      expect(valuesOf(column)).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});

test('a part of a column is given back in mapped numbers, and the column stays as it is', () => {
  const column = columnOf([5, 6, 7]);
  const { base, values } = column.from(1, (value) => value * 10);
  column.set(1, 9);

  expect(Array.from(values, (value) => base + value)).toEqual([60, 70]);
  expect(Array.from(column.from(3).values)).toEqual([]);
});

test('a change in one of many equal parts is none in the others', () => {
  const column = columnOf(Array<number>(MANY).fill(3));
  column.set(2, 4);

  expect(valuesOf(column).filter((value) => value !== 3)).toEqual([4]);
});

test('a million numbers close to each other take a byte or two each', () => {
  const before = process.memoryUsage().arrayBuffers;
  const column = new Column();
  for (let index = 0; index < 1_000_000; index++) column.push(1_764_000_000_000 + index * 10);

  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2.5e6);
  expect(column.at(999_999)).toBe(1_764_000_000_000 + 9_999_990);
});
