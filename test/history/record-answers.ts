// Writes what the daemon answers to generated histories, the same in every run, so that the answers of another engine can
// be compared with it byte for byte: `node test/history/record-answers.ts FILE [--seeds 20] [--length 60]`.

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { parseArgs } from 'node:util';
import { setup } from '../support/build.ts';
import type { Act } from './acts.ts';
import { canonical, canonicalText } from './canonical.ts';
import { onDaemon } from './play.ts';
import type { PlayedDaemon } from './played-daemon.ts';
import { QUESTIONS, type Question } from './questions.ts';
import { Trial } from './trial.ts';

/** What the model cannot tell, or tells only in part. */
const MORE: readonly Question[] = [
  { method: 'usage.get', params: {} },
  { method: 'usage.forecast', params: {} },
  ...[2, 7, 20].map((points) => ({ method: 'usage.series', params: { points } }) as const),
  ...(['hour', 'day'] as const).map((bucket) => {
    return { method: 'usage.stats', params: { bucket, time_zone: 'Australia/Lord_Howe' } } as const;
  }),
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seeds: { type: 'string', default: '20' }, length: { type: 'string', default: '60' } },
});
const [path] = positionals;
if (path === undefined) {
  console.error('node test/history/record-answers.ts FILE [--seeds 20] [--length 60]');
  process.exit(2);
}
setup();
const file = createWriteStream(path);
for (let seed = 1; seed <= Number(values.seeds); seed++) {
  await onDaemon(seed, Number(values.length), (daemon, acts) => record(seed, daemon, acts));
}
file.end();
await once(file, 'finish');

/** One line for each act, and after some of them one for each question. */
async function record(seed: number, daemon: PlayedDaemon, acts: readonly Act[]): Promise<void> {
  const trial = new Trial(daemon);
  for (const [index, act] of acts.entries()) {
    await trial.play(act);
    write({ seed, index, act });
    if (index % 10 === 9 || act.kind === 'restart' || index === acts.length - 1) await recordAll(daemon);
  }
  await daemon.restart(true);
  await recordAll(daemon);
}

async function recordAll(daemon: PlayedDaemon): Promise<void> {
  const questions = [...QUESTIONS, ...MORE];
  for (const [index, { result, error }] of (await daemon.askAll(questions)).entries()) {
    write({ ...questions[index], ...(error ? { error } : { result: canonical(result) }) });
  }
  const pages = await daemon.pages(7);
  write({ pages: pages.map((sessions) => canonical(sessions)) });
  for (const format of ['json', 'csv'] as const) write({ format, text: canonicalText(await daemon.export(format)) });
}

function write(line: unknown): void {
  file.write(`${JSON.stringify(line)}\n`);
}
