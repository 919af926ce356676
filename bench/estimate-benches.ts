import { countTokens as gptTokenizer } from 'gpt-tokenizer/encoding/o200k_base';
import { Tiktoken } from 'js-tiktoken/lite';
import table from 'js-tiktoken/ranks/o200k_base';
import { get_encoding } from 'tiktoken';
import { createTokenCounter } from '../src/daemon/estimate/count-tokens.ts';
import { loadRanks } from '../src/daemon/estimate/ranks.ts';
import { EXTREME, ORDINARY } from './estimate-texts.ts';
import { median } from './measure.ts';
import type { Row } from './row.ts';

const ROUNDS = 7;
const LENGTH = 100_000;

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
  for (const make of Object.values(ORDINARY)) compare('', (round) => make(LENGTH / 10, round + 1_000), peers);
  for (const [name, make] of Object.entries(ORDINARY)) {
    rows.push(...compare(`${name}, never seen before`, (round) => make(LENGTH, round + 1), peers));
    const same = make(LENGTH, 77);
    rows.push(...compare(`${name}, the same again`, () => same, peers));
  }
  wasm.free();
  for (const [name, make] of Object.entries(EXTREME)) {
    const [short, long] = [make(LENGTH), make(LENGTH * 10)];
    counter.count(short);
    const samples = Array.from({ length: ROUNDS }, () => [
      milliseconds(() => {
        for (let time = 0; time < 10; time++) counter.count(short);
      }),
      milliseconds(() => counter.count(long)),
    ]);
    rows.push({
      what: `counting a million characters: ${name}`,
      ours: median(samples.map(([, all]) => all!)),
      floorName: 'ten times 100,000',
      floor: median(samples.map(([tenth]) => tenth!)),
      unit: 'ms',
    });
  }
  return rows;
}

function compare(
  name: string,
  textOf: (round: number) => string,
  peers: Readonly<Record<string, (text: string) => number>>,
): Row[] {
  const samples = Object.keys(peers).map(() => [] as number[]);
  for (let round = 0; round < ROUNDS; round++) {
    const text = textOf(round);
    const counts = Object.values(peers).map((count, index) => {
      let tokens = 0;
      samples[index]!.push(milliseconds(() => (tokens = count(text))));
      return tokens;
    });
    if (new Set(counts).size !== 1) throw new Error(`${name}: the peers do not agree: ${counts}`);
  }
  const [ours, ...others] = samples.map(median);
  return others.map((floor, index) => ({
    what: `counting 100,000 characters: ${name}`,
    ours: ours!,
    floorName: Object.keys(peers)[index + 1]!,
    floor,
    unit: 'ms',
  }));
}

function milliseconds(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}
