import { type Figures, foldEntry, NO_FIGURES } from '../../../src/daemon/rules/figures/fold.ts';
import type { Fold } from './judges.ts';

/** The product's own fold. */
export const productFold: Fold<Figures> = { start: NO_FIGURES, fold: foldEntry };
