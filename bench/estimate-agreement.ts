// Counts as many texts as you like by ours and by OpenAI's own tokenizer: node bench/estimate-agreement.ts [TEXTS=1000000] [SEED].
import { get_encoding } from 'tiktoken';
import { createTokenCounter } from '../src/daemon/estimate/count-tokens.ts';
import { loadRanks } from '../src/daemon/estimate/ranks.ts';
import { corpus } from '../test/daemon/estimate/corpus.ts';

const [texts = 1_000_000, firstSeed = 1_000] = process.argv.slice(2).map(Number);
for (const encoding of ['o200k_base', 'cl100k_base'] as const) {
  const counter = createTokenCounter(await loadRanks(encoding));
  const judge = get_encoding(encoding);
  let counted = 0;
  let wrong = 0;
  for (let seed = firstSeed; counted < texts; seed++) {
    for (const [kind, text] of corpus(100, seed)) {
      counted++;
      const expected = judge.encode(text, [], []).length;
      const ours = counter.count(text);
      if (ours !== expected && wrong++ < 10) console.log(`${kind}: ${ours}, not ${expected}: ${JSON.stringify(text)}`);
    }
  }
  judge.free();
  console.log(`${encoding}: ${counted} texts, ${wrong} wrong`);
  if (wrong > 0) process.exitCode = 1;
}
