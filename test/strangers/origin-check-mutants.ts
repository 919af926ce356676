import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';
import { mutated } from '../durability/build.ts';
import type { Mutation } from '../durability/mutations.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The origin check without one of its refusals, or without any: an attack must succeed against these to prove anything. */
export const ORIGIN_CHECK_MUTANTS = {
  'no-check': {
    about: 'every refusal',
    from: "const hosts = headerValues(rawHeaders, 'host');",
    to: "if (method !== '') return undefined;\n  const hosts = headerValues(rawHeaders, 'host');",
  },
  'any-host': {
    about: 'the refusal of another Host',
    from: 'if (hosts.length !== 1 ||',
    to: 'if (hosts.length > 1 &&',
  },
  'any-origin': {
    about: 'the refusal of another Origin',
    from: 'if (origins.length > 1 || !origins.every(isOwnOrigin)) return wrongOrigin();\n  if (isPartOfForeignPage(rawHeaders)) return wrongOrigin();',
    to: '',
  },
} as const;

/** Bundles the daemon with that check and returns its entry; the shipped one has no such switch. */
export async function buildWithOriginCheck(name: keyof typeof ORIGIN_CHECK_MUTANTS): Promise<string> {
  const mutation: Mutation = { name, file: 'src/daemon/serve/auth/origin-check.ts', ...ORIGIN_CHECK_MUTANTS[name] };
  const code = mutated(mutation);
  const dir = join(ROOT, 'node_modules', '.cache', 'token-sync-strangers', name);
  await build({
    cwd: ROOT,
    input: { daemon: 'src/daemon/main.ts' },
    platform: 'node',
    external: [/^node:/, 'fs-native-extensions', /^js-tiktoken/, 'csv-parse', /^csv-parse\//],
    logLevel: 'warn',
    plugins: [
      { name: 'origin-check', load: (id) => (id === join(ROOT, mutation.file) ? { code, moduleType: 'ts' } : null) },
    ],
    output: { dir, format: 'esm', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
  });
  return join(dir, 'daemon.js');
}
