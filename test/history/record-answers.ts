// Writes what the daemon answers to generated histories, so that those of another version can be compared with it line by
// line: `node test/history/record-answers.ts FILE [--seeds 8] [--length 60]`. With `--fingerprints` only these are written, as
// `old-answers.json` holds them.

import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { setup } from '../support/build.ts';
import { fingerprints, recordedAnswers } from './recorded-answers.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string', default: '8' },
    length: { type: 'string', default: '60' },
    fingerprints: { type: 'boolean', default: false },
  },
});
const [path] = positionals;
if (path === undefined) {
  console.error('node test/history/record-answers.ts FILE [--seeds 8] [--length 60] [--fingerprints]');
  process.exit(2);
}
setup();
const length = Number(values.length);
const seeds: Record<string, string[]> = {};
const lines: string[] = [];
for (let seed = 1; seed <= Number(values.seeds); seed++) {
  const rounds = await recordedAnswers(seed, length);
  seeds[seed] = fingerprints(rounds);
  lines.push(...rounds.flat());
}
writeFileSync(
  path,
  values.fingerprints ? `${JSON.stringify({ length, seeds }, undefined, 2)}\n` : `${lines.join('\n')}\n`,
);
