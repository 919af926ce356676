/** Texts with their verdicts, judged by the contract and not by the program. */
export { ACCEPTED, type AcceptedRow } from './token-value-accepted.corpus.ts';
export { LINES, type LineVerdict } from './token-value-lines.corpus.ts';
export { NEVER_ANOTHER, REFUSED } from './token-value-refused.corpus.ts';
