import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { toolRoots } from '../../../../src/daemon/meters/files/tool-roots.ts';
import type {
  FromReader,
  LookOrder,
  ReaderOrder,
  RootOrder,
  SourceStanding,
  ToReader,
} from '../../../../src/daemon/meters/reader/reader-words.ts';
import { type LivesOptions, ReadingLives } from '../../../../src/daemon/meters/reader/reading-lives.ts';
import type { Meter } from '../../../../src/protocol/methods.ts';
import { type MeterSettings, PLAIN_METERS } from '../../../../src/shared/settings.ts';
import { spawn } from '../../../support/programs.ts';
import { until } from '../../../support/until.ts';

/** The roots of Claude Code and Codex on a Linux with that home. */
export function rootsIn(home: string): RootOrder[] {
  return toolRoots({ platform: 'linux', env: {}, home })
    .filter(({ tool }) => tool === 'claude' || tool === 'codex')
    .map((root) => ({ ...root, files: root.files.source }));
}

/** Everything is looked at, however old it is. */
export const SETTINGS: MeterSettings = { ...PLAIN_METERS, backfill_days: 'all' };

export function orderFor(home: string, path: string, more: Partial<ReaderOrder> = {}): ReaderOrder {
  return { path, settings: SETTINGS, roots: rootsIn(home), ...more };
}

/** A reader, wherever it runs. */
interface Runs {
  tell(message: ToReader): void;
  /** Ends when it has done what it was told so far. */
  end(): void;
  readonly ended: Promise<void>;
}
type Start = (order: ReaderOrder, say: (word: FromReader) => void) => Runs;

/** In this process. */
export function here(options: Partial<LivesOptions> = {}): Start {
  return (order, say) => {
    const lives = new ReadingLives({ ...options, order, say: (word) => say(structuredClone(word)) });
    return { tell: (message) => lives.hear(message), end: () => lives.end(), ended: lives.run() };
  };
}

/** As a process of its own, which permissions bind whoever runs it. */
export const asProcess: Start = (order, say) => {
  const before = process.getuid?.() === 0 ? ['setpriv', '--bounding-set', '-dac_override,-dac_read_search'] : [];
  const [program = '', ...rest] = [...before, process.execPath, PROGRAM, JSON.stringify(order)];
  const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
  createInterface({ input: child.stdout! }).on('line', (line) => say(JSON.parse(line)));
  const ended = once(child, 'close').then(([code]) => {
    if (code !== 0) throw new Error(`the reader ended with ${code}`);
  });
  return {
    tell: (message) => void child.stdin!.write(`${JSON.stringify(message)}\n`),
    end: () => child.stdin!.end(),
    ended,
  };
};

export const PROGRAM = join(import.meta.dirname, '../../../../dist/meter-reader.js');

/** A reader and what it said. */
export class ReaderAt {
  readonly said: FromReader[] = [];
  readonly order: ReaderOrder;
  readonly #runs: Runs;
  #isWatched = false;
  #looks = 0;
  #asked = 0;

  constructor(order: ReaderOrder, start = here()) {
    this.order = order;
    this.#runs = start(order, (word) => this.said.push(word));
    onTestFinished(() => (this.#isWatched ? undefined : this.end()));
  }

  tell(message: ToReader): void {
    this.#runs.tell(message);
  }

  /** Resolves when it has read what lies at these places: by default everything. */
  async look(at: readonly LookOrder[] = this.#everything()): Promise<void> {
    this.tell({ tell: 'look', at });
    const looks = ++this.#looks;
    await this.until('done', (word) => word.looks >= looks);
  }

  lookAt(tool: LookOrder['tool'], path: string): Promise<void> {
    return this.look([{ tool, path, isFolder: false }]);
  }

  /** Resolves with the first word of a kind that satisfies, however long ago it was said. */
  until<Kind extends Says['says']>(
    kind: Kind,
    satisfies: (word: Extract<Says, { says: Kind }>) => boolean = () => true,
  ): Promise<Extract<Says, { says: Kind }>> {
    const isIt = (word: FromReader): word is Extract<Says, { says: Kind }> =>
      'says' in word && word.says === kind && satisfies(word as Extract<Says, { says: Kind }>);
    const failed = this.#runs.ended.then(() => undefined);
    return Promise.race([
      until(() => this.said.find(isIt), `the reader says ${kind}`, 30_000),
      failed.then(() => until(() => this.said.find(isIt), `the reader that has ended said ${kind}`, 0)),
    ]);
  }

  /** The answer to a question. */
  async ask(question: Asked): Promise<Answer> {
    this.#asked += 1;
    const ask = this.#asked;
    this.tell({ ...question, ask } as ToReader);
    return until(
      () => this.said.find((word): word is Answer => 'answer' in word && word.answer === ask),
      `question ${ask} is answered`,
      30_000,
    );
  }

  /** The meters as they were told last. */
  get meters(): Meter[] {
    const meters = new Map<string, Meter>();
    for (const word of this.said) {
      if (!('says' in word) || word.says !== 'meters') continue;
      for (const meter of word.meters) {
        meters.set(meter.kind === 'gauge' ? `${meter.meter} ${meter.conversation}` : meter.meter, meter);
      }
    }
    return [...meters.values()];
  }

  /** How a source stands, as it was told last. */
  standing(tool: LookOrder['tool']): SourceStanding | undefined {
    const words = this.said.flatMap((word) => ('says' in word && word.says === 'sources' ? [word.sources] : []));
    return words.at(-1)?.find((source) => source.tool === tool);
  }

  /** All that was counted of a tool. */
  total(meter: 'claude' | 'codex'): number {
    const counter = this.meters.find((each) => each.meter === meter);
    return counter?.kind === 'counter' ? counter.tokens.all : 0;
  }

  async end(): Promise<void> {
    this.#runs.end();
    await this.#runs.ended;
  }

  /** Rejects with what ended it by itself. */
  ended(): Promise<void> {
    this.#isWatched = true;
    return this.#runs.ended;
  }

  #everything(): LookOrder[] {
    return this.order.roots.map(({ tool, path }) => ({ tool, path, isFolder: true }));
  }
}

type Says = Extract<FromReader, { says: unknown }>;
type Answer = Extract<FromReader, { answer: number }>;
type Asked =
  | { readonly handOut: readonly number[] | 'all' }
  | { readonly stats: { by: ('tool' | 'model' | 'project' | 'day' | 'hour' | 'conversation')[]; timeZone?: string } };
