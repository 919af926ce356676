import { describe, expect, test } from 'vitest';
import { growStreams, type Heads } from '../../../../src/daemon/meters/forms/codex-streams.ts';
import { type CodexUsage, readUsage, sizeOf } from '../../../../src/daemon/meters/forms/codex-usage.ts';
import { randomOf } from '../../../support/random.ts';
import { type Usage, usage } from './codex-lines.ts';

type Event = readonly [last: Usage | undefined, total: Usage | undefined];

/** What each event adds, undefined where it repeats another. */
function growthAlong(events: readonly Event[]): (CodexUsage | undefined)[] {
  let heads: Heads = [];
  let before: CodexUsage | undefined;
  return events.map(([last, total]) => {
    const event = { last: readUsage(last), total: readUsage(total) };
    const step = growStreams(heads, event, before);
    heads = step.heads;
    before = event.last;
    return step.growth;
  });
}

/** The same for sizes alone: events `last/total`, and growths, with `–` for what is missing. */
function sizesAlong(events: string): string {
  const usageOf = (size: string | undefined) => (size === '–' ? undefined : usage(Number(size)));
  const growth = growthAlong(
    events.split(' ').map((event) => {
      const [last, total] = event.split('/');
      return [usageOf(last), usageOf(total)];
    }),
  );
  return growth.map((step) => (step === undefined ? '–' : sizeOf(step))).join(' ');
}

describe('what an event adds', () => {
  test.each([
    ['a turn adds its own usage', '100/100 50/150', '100 50'],
    ['an event that repeats another adds nothing', '100/100 100/100 50/150 50/150', '100 – 50 –'],
    ['two turns, each told twice, count once', '1100/1100 1100/1100 2200/3300 2200/3300', '1100 – 2200 –'],
    ['two streams in one file are told apart', '100/100 200/200 100/100 50/250 30/130', '100 200 – 50 30'],
    ['a usage beyond the rise of its total adds the rise', '15/15 150/22', '15 7'],
    ['a total that jumped adds the usage of the request', '100/100 30/500', '100 30'],
    ['a total below every other adds the usage of the request', '100/100 30/60', '100 30'],
    ['a total that is its first usage begins a stream', '100/100 60/60 10/70 5/105', '100 60 10 5'],
    ['without a total each usage adds', '100/– 50/– 100/–', '100 50 100'],
    ['without a total the usage of the line before adds nothing', '100/– 100/– 50/– 50/–', '100 – 50 –'],
    ['that is so though the line before had a total', '100/100 100/–', '100 –'],
    ['that is not so where the line before had no usage', '100/100 –/130 100/–', '100 30 100'],
    ['without a usage the rise of the total adds', '–/100 –/130 –/130', '100 30 –'],
    ['without a usage the nearest stream below rose', '400/400 100/100 –/420 –/130', '400 100 20 30'],
    ['without a usage a total below every other adds whole', '100/100 –/60', '100 60'],
    ['an event may have a usage after one without', '–/100 30/130', '100 30'],
    ['a usage without a total leaves every stream where it stands', '100/100 7/– 30/130', '100 7 30'],
    ['an event of nothing adds nothing', '0/0 100/100 0/0 50/150', '0 100 0 50'],
  ])('%s', (_, events, growth) => {
    expect(sizesAlong(events)).toBe(growth);
  });

  test('two streams of one size are told apart by their classes', () => {
    const one = usage(80, 0, 20);
    const other = usage(70, 0, 30);
    const growth = growthAlong([
      [one, one],
      [other, other],
      [usage(5), usage(85, 0, 20)],
      [usage(0, 0, 5), usage(70, 0, 35)],
    ]);
    expect(growth.map((step) => step && sizeOf(step))).toEqual([100, 100, 5, 5]);
    // The first continued its own stream, so that a repetition of the other is known.
    const repeated = growthAlong([
      [one, one],
      [other, other],
      [usage(5), usage(85, 0, 20)],
      [other, other],
    ]);
    expect(repeated.at(-1)).toBeUndefined();
  });

  test('the rise of a total keeps its size where one of its classes fell', () => {
    const growth = growthAlong([
      [undefined, usage(100, 90, 50, 40)],
      [undefined, usage(90, 95, 80, 90)],
      [undefined, usage(200, 20, 10, 0)],
      [undefined, usage(205, 90, 10, 0)],
    ]);
    expect(growth[1]).toEqual([0, 0, 20, 20, 20]);
    expect(growth[2]).toEqual([40, 0, 0, 0, 40]);
    expect(growth[3]).toEqual([5, 5, 0, 0, 5]);
  });

  test('at most 32 streams are remembered, the one that grew longest ago forgotten first', () => {
    const firsts = Array.from({ length: 33 }, (_, index) => `${1000 + index}/${1000 + index}`);
    const lastOf = (events: readonly string[]) => sizesAlong(events.join(' ')).split(' ').at(-1);
    expect(lastOf([...firsts, '1001/1001'])).toBe('–');
    expect(lastOf([...firsts, '1000/1000'])).toBe('1000');
    // One that was only repeated meanwhile grew last.
    expect(lastOf([...firsts.slice(0, 32), '1000/1000', '5000/5000', '1000/1000'])).toBe('–');
  });

  test.each(Array.from({ length: 40 }, (_, seed) => seed))(
    'streams that write in turns, each event told up to three times, add up to their usage (seed %i)',
    (seed) => {
      const random = randomOf(seed);
      const upTo = (most: number) => Math.floor(random() * most);
      const totals = Array.from({ length: 1 + upTo(20) }, () => [0, 0]);
      let truth = 0;
      const told: Event[] = [];
      for (let step = 0; step < 200; step += 1) {
        const total = totals[upTo(totals.length)]!;
        const [input, output] = [1000 + upTo(1e6), upTo(1e5)];
        total[0]! += input;
        total[1]! += output;
        truth += input + output;
        const event: Event = [usage(input, 0, output), usage(total[0]!, 0, total[1]!)];
        told.push(...Array.from({ length: 1 + upTo(3) }, () => event));
      }
      const growth = growthAlong(told);
      expect(growth.reduce((sum, step) => sum + (step ? sizeOf(step) : 0), 0)).toBe(truth);
    },
  );
});
