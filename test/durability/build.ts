import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';
import { type Mutation, mutationOf } from './mutations.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CACHE = join(ROOT, 'node_modules', '.cache', 'token-sync-durability');

const ENTRIES = {
  actor: 'test/durability/actor.ts',
  subject: 'test/durability/subject.ts',
  daemon: 'src/daemon/main.ts',
  'history-indexer': 'src/daemon/store/index/indexer-worker.ts',
  'history-reader': 'src/daemon/queries/reader-worker.ts',
  'meter-reader': 'src/daemon/meters/reader/meter-reader.ts',
  cli: 'src/client/cli/main.ts',
  'lock-starter': 'test/durability/lock-starter.ts',
  'store-subject': 'test/edits/store-subject.ts',
};

/** The programs under test, bundled so that each of thousands of starts costs little. */
export interface Programs {
  readonly actor: string;
  readonly subject: string;
  readonly daemon: string;
  readonly cli: string;
  readonly 'lock-starter': string;
  readonly 'meter-reader': string;
  readonly 'store-subject': string;
}

/** The folder of the programs after `buildPrograms`, by the name of a mutant or `plain`. */
export function programsOf(mutant: string): Programs {
  const path = (name: string) => join(CACHE, mutant, `${name}.js`);
  return {
    actor: path('actor'),
    subject: path('subject'),
    daemon: path('daemon'),
    cli: path('cli'),
    'lock-starter': path('lock-starter'),
    'meter-reader': path('meter-reader'),
    'store-subject': path('store-subject'),
  };
}

/** Bundles the programs, as they are or as a mutant; throws when the mutation's text is not in the source any more. */
export async function buildPrograms(mutant = 'plain'): Promise<Programs> {
  const mutation = mutant === 'plain' ? undefined : mutationOf(mutant);
  if (mutation) mutated(mutation);
  let applied = 0;
  await build({
    cwd: ROOT,
    input: ENTRIES,
    platform: 'node',
    external: [/^node:/, 'vitest', 'fs-native-extensions', /^js-tiktoken/, 'csv-parse', /^csv-parse\//],
    logLevel: 'warn',
    plugins: [
      {
        name: 'mutation',
        load(id) {
          if (!mutation || id !== join(ROOT, mutation.file)) return null;
          applied++;
          return { code: mutated(mutation), moduleType: 'ts' };
        },
      },
    ],
    output: {
      dir: join(CACHE, mutant),
      format: 'esm',
      entryFileNames: '[name].js',
      chunkFileNames: '[name]-[hash].js',
    },
  });
  if (mutation && applied !== 1) throw new Error(`the mutant ${mutant} was applied ${applied} times: ${mutation.file}`);
  return programsOf(mutant);
}

/** A source with its mutation; throws when the text to replace does not stand there exactly once. */
export function mutated({ name, file, from, to }: Mutation): string {
  const source = readFileSync(join(ROOT, file), 'utf8');
  const found = source.split(from).length - 1;
  if (found !== 1) throw new Error(`the mutant ${name} finds its text ${found} times in ${file}; mend mutations.ts`);
  return source.replace(from, () => to);
}
