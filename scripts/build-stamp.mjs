// Tells whether dist/ was built from the sources as they are now.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';

/** Where the build leaves the hash of what it was made from. */
export function buildStampPath(root) {
  return join(root, 'dist', '.sources');
}

/** True when dist/ is missing or was made from other sources or dependencies than there are now. */
export function isBuildStale(root) {
  const stamp = buildStampPath(root);
  return !existsSync(stamp) || readFileSync(stamp, 'utf8') !== sourcesHash(root);
}

/** True when something was touched after the build; much quicker than `isBuildStale`, which has the last word. */
export function isAnythingNewer(root) {
  const built = statSync(buildStampPath(root), { throwIfNoEntry: false })?.mtimeMs;
  return built === undefined || sources(root).some(({ path }) => statSync(path).mtimeMs > built);
}

/** A hash over everything that the bundles are made from, the same on every system. */
export function sourcesHash(root) {
  const hash = createHash('sha256');
  const files = sources(root).filter(({ isFile }) => isFile);
  for (const { name, path } of files) hash.update(name).update('\0').update(readFileSync(path)).update('\0');
  return hash.digest('hex');
}

/** The files, and the folders, which change with the names in them. */
function sources(root) {
  const inside = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true }).map((entry) => ({
    path: join(entry.parentPath ?? entry.path, entry.name),
    isFile: entry.isFile(),
  }));
  const scripts = readdirSync(join(root, 'scripts')).filter((name) => name.endsWith('.mjs'));
  const beside = ['package-lock.json', 'package.json', ...scripts.map((name) => `scripts/${name}`)];
  return [...inside, ...beside.map((name) => ({ path: join(root, name), isFile: true }))]
    .map((source) => ({ ...source, name: source.path.slice(root.length).replaceAll(sep, '/') }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
