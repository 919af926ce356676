// Runs the CLI of a checkout, or exits with 75 when it may be older than its sources: all in one start of Node, because
// on Windows each takes as long as everything else.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isAnythingNewer } from './build-stamp.mjs';

if (isAnythingNewer(dirname(dirname(fileURLToPath(import.meta.url))))) process.exit(75);
await import('../dist/cli.js');
