import { countTokens as gptTokenizer } from 'gpt-tokenizer/encoding/o200k_base';
import { Tiktoken } from 'js-tiktoken/lite';
import table from 'js-tiktoken/ranks/o200k_base';
import { get_encoding } from 'tiktoken';
import { createTokenCounter, type TokenCounter } from '../src/daemon/estimate/count-tokens.ts';
import { loadRanks } from '../src/daemon/estimate/ranks.ts';
import { EXTREME, ORDINARY } from './estimate-texts.ts';
import { median } from './measure.ts';
import type { Row } from './row.ts';

const ROUNDS = 7;
const LENGTH = 100_000;

/** Our speed on a kind of text as a multiple of a peer's, which must be at least 1. */
const DEMANDED: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'js-tiktoken': { English: 3, Chinese: 5, code: 4 },
};

/** Counting itself, against the peers on the same texts in the same run, and a million characters against ten times a tenth. */
export async function estimateBenches(): Promise<Row[]> {
  const counter = createTokenCounter(await loadRanks('o200k_base'));
  const reference = new Tiktoken(table);
  const wasm = get_encoding('o200k_base');
  const anySpecial = { disallowedSpecial: new Set<string>() };
  const peers: Readonly<Record<string, (text: string) => number>> = {
    ours: (text) => counter.count(text),
    'js-tiktoken': (text) => reference.encode(text, [], []).length,
    'tiktoken (WASM)': (text) => wasm.encode(text, [], []).length,
    'gpt-tokenizer': (text) => gptTokenizer(text, anySpecial),
  };
  const rows: Row[] = [];
  // Compiled and warm, as after the first texts of a day.
  for (const make of Object.values(ORDINARY)) compare('', '', (round) => make(LENGTH / 10, round + 1_000), peers);
  for (const [name, make] of Object.entries(ORDINARY)) {
    rows.push(...compare(name, 'never seen before', (round) => make(LENGTH, round + 1), peers));
    const same = make(LENGTH, 77);
    rows.push(...compare(name, 'the same again', () => same, peers));
  }
  wasm.free();
  const millions = Object.entries(EXTREME).map(([name, make]) => countMillion(name, make, counter));
  rows.push(...millions, {
    what: 'counting a million characters of the slowest of these',
    ours: Math.max(...millions.map(({ ours }) => ours)),
    unit: 'ms',
    bar: { atMost: 2_000 },
  });
  return rows;
}

/** Against ten other texts of a tenth, so that no word of them is known either. */
function countMillion(name: string, make: (length: number, seed: number) => string, counter: TokenCounter): Row {
  const samples = Array.from({ length: ROUNDS }, (_, round) => {
    const tenths = Array.from({ length: 10 }, (_, part) => make(LENGTH, 100 * round + part));
    const whole = make(10 * LENGTH, 100 * round + 99);
    return [
      milliseconds(() => {
        for (const tenth of tenths) counter.count(tenth);
      }),
      milliseconds(() => counter.count(whole)),
    ] as const;
  });
  return {
    what: `counting a million characters: ${name}`,
    ours: median(samples.map(([, all]) => all)),
    floorName: 'ten times 100,000',
    floor: median(samples.map(([tenths]) => tenths)),
    unit: 'ms',
    bar: { timesFloor: 1.3 },
  };
}

function compare(
  kind: string,
  state: string,
  textOf: (round: number) => string,
  peers: Readonly<Record<string, (text: string) => number>>,
): Row[] {
  const samples = Object.keys(peers).map(() => [] as number[]);
  for (let round = 0; round < ROUNDS; round++) {
    const text = textOf(round);
    const counts = Object.values(peers).map((count, index) => {
      let tokens = 0;
      samples[index]!.push(text.length / 1_000 / milliseconds(() => (tokens = count(text))));
      return tokens;
    });
    if (new Set(counts).size !== 1) throw new Error(`${kind}: the peers do not agree: ${counts}`);
  }
  const [ours, ...others] = samples.map(median);
  return others.map((peer, index) => {
    const peerName = Object.keys(peers)[index + 1]!;
    return {
      what: `counting ${kind}, ${state}`,
      ours: ours!,
      peerName,
      peer,
      unit: 'million characters a second',
      bar: { timesPeer: DEMANDED[peerName]?.[kind] ?? 1 },
    };
  });
}

function milliseconds(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}
