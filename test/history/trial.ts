import { isDeepStrictEqual } from 'node:util';
import { forecastOf } from '../../src/daemon/rules/forecast.ts';
import type { Result } from '../../src/protocol/methods.ts';
import type { RpcAnswer } from '../durability/running-daemon.ts';
import type { Act } from './acts.ts';
import { Answers } from './answers.ts';
import { canonical } from './canonical.ts';
import { HistoryModel } from './model.ts';
import { type PlayedDaemon, ZONE } from './played-daemon.ts';
import { QUESTIONS, type Question } from './questions.ts';
import { isSampleOf } from './series.ts';

/** What is put in the place of an answer. */
export type Falsify = (question: Question, answer: unknown) => unknown;

/** Does acts to a daemon and a model, and says where the two differ. */
export class Trial {
  readonly model = new HistoryModel();
  readonly #daemon: PlayedDaemon;

  constructor(daemon: PlayedDaemon) {
    this.#daemon = daemon;
  }

  /** What is wrong with what an act itself is answered. */
  async play(act: Act): Promise<string[]> {
    const wrong = await this.#done(act);
    this.#daemon.keepView();
    return wrong.map((text) => `${text} at ${JSON.stringify(act)}`);
  }

  async #done(act: Act): Promise<string[]> {
    const { model } = this;
    const daemon = this.#daemon;
    switch (act.kind) {
      case 'clock':
        model.nowMs = act.nowMs;
        daemon.setClock(act.nowMs);
        return [];
      case 'record': {
        const expected = model.record(act.params);
        if (act.way === 'drop') {
          await daemon.drop(act.params);
          return [];
        }
        if (act.way === 'rpc')
          return differences('usage.record', await daemon.ask('usage.record', act.params), expected);
        const { message: _, ...receipt } = await daemon.rest(act.params);
        return differences('REST', { result: receipt }, expected);
      }
      case 'import': {
        const { skipped, ...expected } = model.import(act.sessions);
        const answer = await daemon.ask('usage.import', { sessions: act.sessions });
        const { current_usage: _, success, ...told } = answer.result;
        const places = told.skipped.map(({ index }: { index: number }) => index);
        return differences('usage.import', { result: { ...told, skipped: places } }, { ...expected, skipped });
      }
      case 'undo': {
        const expected = model.undo(act.id);
        const answer = await daemon.ask('usage.undo', act.id === undefined ? {} : { id: act.id });
        if (expected) return differences('usage.undo', answer, expected);
        return answer.error?.code === -32_002 ? [] : [`usage.undo took back ${JSON.stringify(answer)}`];
      }
      case 'total':
        model.setTotal(act.total);
        await daemon.ask('usage.set_total', { total: act.total });
        return [];
      case 'edit': {
        const edited = await daemon.edit(act.changes, model.revision);
        if (!edited) return [];
        model.edit(edited, model.nowMs);
        return [];
      }
      case 'old copy':
        await daemon.putBack(act.ago);
        return [];
      case 'restart':
        await daemon.restart(act.isKill);
        return [];
    }
  }

  /** What is wrong with what is answered to all questions by now. */
  async check(falsify: Falsify = (_, answer) => answer): Promise<string[]> {
    const answers = new Answers(this.model, ZONE);
    const told = await this.#daemon.askAll([...QUESTIONS, ...OTHERS]);
    const others = OTHERS.map((question, index) => {
      return canonical(falsify(question, told[QUESTIONS.length + index]!.result));
    });
    return [
      ...this.#others(answers, others),
      ...QUESTIONS.flatMap((question, index) => {
        const { result, ...rest } = told[index]!;
        const answer = { ...rest, result: falsify(question, result) };
        const { method, params } = question;
        return differences(`${method} ${JSON.stringify(params)}`, answer, answers.to(question));
      }),
    ];
  }

  /** What is wrong with pages and exports. */
  async checkLists(): Promise<string[]> {
    const expected = new Answers(this.model, ZONE).history({});
    const paged = (await this.#daemon.pages(7)).flat();
    const exported = JSON.parse(await this.#daemon.export('json'));
    return [
      ...differences('pages of usage.history', { result: paged }, expected),
      ...differences('GET /api/history', { result: exported.sessions }, expected),
    ];
  }

  /** What is not answered word for word by the model. */
  #others(answers: Answers, told: readonly unknown[]): string[] {
    const { model } = this;
    const [forecast, sample, usage] = told as [unknown, Result<'usage.series'>, Result<'usage.get'>];
    const snapshot = { ...answers.get(), last_updated: '' };
    const expected = forecastOf(snapshot, answers.usage(), model.nowMs, answers.countingSince());
    const { last_updated: _, mark: __, ...figures } = usage;
    const whole = answers.series({});
    const isSample = model.revision === 0 || isSampleOf(sample.points, whole, FEW_POINTS);
    return [
      ...differences('usage.forecast', { result: forecast }, expected),
      ...differences('usage.get', { result: figures }, answers.get()),
      ...(isSample ? [] : [`usage.series of few points: ${JSON.stringify(sample.points)} of ${JSON.stringify(whole)}`]),
    ];
  }
}

const FEW_POINTS = 7;

/** The model says what these are made of. */
const OTHERS: readonly Question[] = [
  { method: 'usage.forecast', params: {} },
  { method: 'usage.series', params: { points: FEW_POINTS } },
  { method: 'usage.get', params: {} },
];

function differences(what: string, { result, error }: RpcAnswer, expected: unknown): string[] {
  if (error) return [`${what} is refused: ${JSON.stringify(error)}`];
  const told = canonical(result);
  if (isDeepStrictEqual(told, expected)) return [];
  return [`${what}:\n  told     ${JSON.stringify(told)}\n  expected ${JSON.stringify(expected)}`];
}
