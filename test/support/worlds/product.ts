import { existsSync } from 'node:fs';
import type { FigureEntry, Outcome } from './entry.ts';
import type { Fold } from './judges.ts';

const FOLD = new URL('../../../src/daemon/rules/figures/fold.ts', import.meta.url);

interface FoldModule {
  readonly NO_FIGURES: unknown;
  foldEntry(figures: unknown, entry: FigureEntry): { readonly figures: unknown; readonly outcome: Outcome };
}

/** The product's own fold; nothing where it does not exist yet. Once it does, this becomes a plain import. */
export const productFold: Fold<unknown> | undefined = await load();

async function load(): Promise<Fold<unknown> | undefined> {
  if (!existsSync(FOLD)) return undefined;
  const { NO_FIGURES, foldEntry }: FoldModule = await import(/* @vite-ignore */ FOLD.href);
  return { start: NO_FIGURES, fold: foldEntry };
}
