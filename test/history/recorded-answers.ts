import { hash } from 'node:crypto';
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

/** The acts since the answers before, and then the answer to each question, a line of JSON each. */
export type Round = readonly string[];

/** What a daemon answers to a generated history, every ten acts, after each restart, and at the end after a kill: the same in every run. */
export async function recordedAnswers(seed: number, length: number): Promise<Round[]> {
  return onDaemon(seed, length, async (daemon, acts) => {
    const trial = new Trial(daemon);
    const rounds: Round[] = [];
    let done: string[] = [];
    for (const [index, act] of acts.entries()) {
      await trial.play(act);
      done.push(JSON.stringify({ seed, index, act }));
      if (index % 10 !== 9 && act.kind !== 'restart' && index < acts.length - 1) continue;
      rounds.push([...done, ...(await allAnswers(daemon))]);
      done = [];
    }
    await daemon.restart(true);
    return [...rounds, await allAnswers(daemon)];
  });
}

/** Tells rounds of answers apart in few characters. */
export function fingerprints(rounds: readonly Round[]): string[] {
  return rounds.map((lines) => hash('sha256', lines.join('\n')).slice(0, 16));
}

async function allAnswers(daemon: PlayedDaemon): Promise<string[]> {
  const questions = [...QUESTIONS, ...MORE];
  const answers = (await daemon.askAll(questions)).map(({ result, error }, index) => ({
    ...questions[index],
    ...(error ? { error } : { result: canonical(result) }),
  }));
  const pages = { pages: (await daemon.pages(7)).map((sessions) => canonical(sessions)) };
  const exports = [];
  for (const format of ['json', 'csv'] as const) {
    exports.push({ format, text: canonicalText(await daemon.export(format)) });
  }
  return [...answers, pages, ...exports].map((line) => JSON.stringify(line));
}
