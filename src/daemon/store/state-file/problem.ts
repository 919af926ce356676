import type { Bilingual } from '../../../protocol/language.ts';

/** A part of the state file that cannot be taken over, in words for a person. */
export interface Problem extends Bilingual {
  /** Identifies the content that would be lost without a copy. */
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
