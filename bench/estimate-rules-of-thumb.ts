// Prints what the rules of thumb (1.5 tokens a Chinese character, 1.3 an English word) are worth: node bench/estimate-rules-of-thumb.ts.
import { createTokenCounter } from '../src/daemon/estimate/count-tokens.ts';
import { loadRanks } from '../src/daemon/estimate/ranks.ts';
import { CODE_LANGUAGES, fixture } from '../test/daemon/estimate/corpus.ts';

const counters = await Promise.all(
  (['o200k_base', 'cl100k_base'] as const).map(async (encoding) => createTokenCounter(await loadRanks(encoding))),
);
const code = CODE_LANGUAGES.map((language) => fixture(`code-${language}`)).join('\n\n');
const texts: [name: string, text: string, unit: RegExp, rule: number][] = [
  ['modern Chinese, a character', fixture('modern-chinese'), /\p{Script=Han}/gu, 1.5],
  ['classical Chinese, a character', fixture('classical-chinese'), /\p{Script=Han}/gu, 1.5],
  ['English, a word', fixture('english'), /[\p{L}\p{N}'’]+/gu, 1.3],
  ['code, a word', code, /[\p{L}\p{N}_]+/gu, 1.3],
  ['minified script, a word', fixture('minified'), /[\p{L}\p{N}_$]+/gu, 1.3],
];
console.log(
  '| text, and what is counted | rule | o200k_base: all (paragraphs) | the rule is off by | cl100k_base: all (paragraphs) | the rule is off by |',
);
console.log('|---|---|---|---|---|---|');
for (const [name, text, unit, rule] of texts) {
  const cells = counters.flatMap((counter) => {
    const perUnit = (part: string) => counter.count(part) / (part.match(unit)?.length ?? 0);
    const paragraphs = text
      .split(/\n\n+/)
      .filter((part) => (part.match(unit)?.length ?? 0) > 20)
      .map(perUnit);
    const all = perUnit(text);
    const off = `${rule > all ? '+' : ''}${((rule / all - 1) * 100).toFixed(0)} %`;
    const range = `${Math.min(...paragraphs).toFixed(2)}–${Math.max(...paragraphs).toFixed(2)}`;
    return [`${all.toFixed(2)} (${range})`, off];
  });
  console.log(`| ${[name, rule, ...cells].join(' | ')} |`);
}
