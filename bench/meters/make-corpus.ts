import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { REFERENCE } from './corpus-sizes.ts';
import { makeCursorHome } from './cursor-database.ts';
import { CONTENT_CANARY, TOKEN_CANARY } from './dice.ts';
import { makeSizedCorpus } from './sized-corpus.ts';
import type { GroupBy, Truth } from './truth.ts';

const USAGE = `node bench/meters/make-corpus.ts DIR [--bytes ${REFERENCE.bytes}] [--tools claude,codex] [--seed 1] [--now ISO]
  [--cursor-conversations N --cursor-rows N]`;

/** Writes a corpus of that size below DIR/home, and what it says into DIR/truth.json. */
function main(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      bytes: { type: 'string', default: String(REFERENCE.bytes) },
      tools: { type: 'string', default: 'claude,codex' },
      seed: { type: 'string', default: '1' },
      now: { type: 'string', default: new Date().toISOString() },
      'cursor-conversations': { type: 'string', default: '0' },
      'cursor-rows': { type: 'string', default: '0' },
    },
  });
  const [folder] = positionals;
  const tools = values.tools.split(',').filter((tool) => tool === 'claude' || tool === 'codex');
  if (folder === undefined || tools.length === 0) throw new Error(USAGE);
  const beganMs = performance.now();
  const root = join(folder, 'home');
  const [bytes, seed, nowMs] = [Number(values.bytes), Number(values.seed), Date.parse(values.now)];
  const { truth, files } = makeSizedCorpus(root, { bytes, seed, tools, nowMs });
  const conversations = Number(values['cursor-conversations']);
  if (conversations > 0) {
    const rows = Number(values['cursor-rows']);
    const cursor = makeCursorHome(root, seed, { conversations, rows, speech: 900, nowMs });
    truth.add(cursor.truth());
    cursor.close();
  }
  writeFileSync(join(folder, 'truth.json'), JSON.stringify({ files, ...asJson(truth) }, null, 1));
  const seconds = ((performance.now() - beganMs) / 1000).toFixed(1);
  process.stdout.write(`${files} files, ${(bytesBelow(root) / 1e6).toFixed(1)} MB in ${seconds} s: ${folder}\n`);
}

/** Maps as lists of pairs: names may be those of objects' own members. */
function asJson(truth: Truth): Record<string, unknown> {
  const groups: readonly GroupBy[] = ['meter', 'model', 'project', 'hour', 'conversation'];
  return {
    canaries: { content: CONTENT_CANARY, token: TOKEN_CANARY },
    ...Object.fromEntries(groups.map((group) => [group, [...truth.by(group)]])),
    gauges: [...truth.gauges],
    windows: [...truth.windows],
  };
}

function bytesBelow(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

main();
