import type { Bilingual } from '../../../protocol/language.ts';

/** What of the state file cannot be taken over, as a person is told. */
export interface Problem extends Bilingual {
  /** Tells what would be lost without a copy from anything else. */
  readonly lost: string;
}

/** All problems of an edit in one text. */
export function joined(problems: readonly Problem[]): Problem {
  return {
    zh: problems.map(({ zh }) => zh).join('；'),
    en: problems.map(({ en }) => en).join('; '),
    lost: problems.map(({ lost }) => lost).join('\n'),
  };
}
