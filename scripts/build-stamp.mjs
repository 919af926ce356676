// Tells whether dist/ was built from the sources as they are now.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the build leaves the hash of what it was made from. */
export function buildStampPath(root) {
  return join(root, 'dist', '.sources');
}

/** True when dist/ is missing or was made from other sources or dependencies than there are now. */
export function isBuildStale(root) {
  const stamp = buildStampPath(root);
  return !existsSync(stamp) || readFileSync(stamp, 'utf8') !== sourcesHash(root);
}

/** A hash over everything that the bundles are made from. */
export function sourcesHash(root) {
  const hash = createHash('sha256');
  const files = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
  for (const file of [
    ...files,
    ...['package-lock.json', 'package.json', 'scripts/build.mjs', 'scripts/build-dashboard.mjs'].map((name) =>
      join(root, name),
    ),
  ]) {
    hash.update(file.slice(root.length)).update('\0').update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
}
