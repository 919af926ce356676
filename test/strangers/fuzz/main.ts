// Throws a great many hostile inputs at every way in: `npm run test:fuzz`, a million with `-- --long`.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { randomOf } from '../../support/random.ts';
import { MEMORY, scratchFolder } from '../../support/scratch.ts';
import { areFrames, type Check, isHttp, isRest, isRpc } from './answers.ts';
import { FuzzedDaemon } from './daemon.ts';
import { dropAll, dropFault, ledgerFault, stateFault, usedFolder } from './files.ts';
import { mutate } from './mutate.ts';
import {
  DROP_CORPUS,
  FRAME_CORPUS,
  GET_PATHS,
  httpCorpus,
  POST_BODIES,
  RPC_CORPUS,
  RPC_TEXTS,
  requestBytes,
  UPGRADE,
} from './traffic.ts';

const { values } = parseArgs({
  options: {
    long: { type: 'boolean', default: false },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    only: { type: 'string' },
  },
});
const seed = Number(values.seed);
const times = values.long ? 20 : 1;
const random = randomOf(seed);
const AT_ONCE = 32;
const MIB = 1024 * 1024;

/** The memory that the daemon may hold at the end beyond the beginning: the garbage collector takes its time. */
const MAX_GROWTH = 250 * MIB;

interface Target {
  readonly name: string;
  /** Of the short form. */
  readonly count: number;
  /** The fault of the answer to the next input; an empty text where there is none. */
  readonly tryOne: (index: number) => Promise<string> | string;
}

const daemon = await FuzzedDaemon.start();
const scratch = scratchFolder(MEMORY);
const used = await usedFolder(scratch);
const http = httpCorpus(daemon.port);
const rpcTexts = sampler(RPC_TEXTS);

const targets: readonly Target[] = [
  { name: 'HTTP', count: 12_000, tryOne: () => overNetwork(mutate(http, random), isHttp, true) },
  {
    name: 'frames',
    count: 10_000,
    tryOne: () => overNetwork(Buffer.concat([UPGRADE(daemon.port), mutate(FRAME_CORPUS, random)]), areFrames, true),
  },
  {
    name: 'JSON-RPC',
    count: 12_000,
    tryOne: (index) => {
      const body = index % 2 === 0 ? rpcTexts() : mutate(RPC_CORPUS, random);
      return overNetwork(requestBytes(daemon.port, 'POST /rpc', body), isRpc, false);
    },
  },
  { name: 'REST', count: 8_000, tryOne: () => overNetwork(restRequest(), isRest, false) },
  { name: 'drop-files', count: 4_000, tryOne: () => dropFault(mutate(DROP_CORPUS, random)) },
  {
    name: 'state files',
    count: 2_500,
    tryOne: (index) => stateFault(folderOf(index), used, mutate([used.state], random)),
  },
  {
    name: 'ledgers',
    count: 1_500,
    tryOne: (index) => ledgerFault(folderOf(index), used, mutate([used.segment], random)),
  },
];

console.log(`${values.long ? 'long' : 'short'} form, seed ${seed}`);
const stateBefore = daemon.stateText;
let failures = 0;
let inputs = 0;
for (const target of targets) if (values.only === undefined || target.name === values.only) await run(target);
// Inputs that change something on purpose come last.
const dropped = await dropAll(
  daemon,
  Array.from({ length: 200 * times }, () => mutate(DROP_CORPUS, random)),
);
if (dropped !== '') fail(`drop folder: ${dropped}`);
for (const bug of daemon.bugs) fail(`the log tells of a fault: ${bug}`);
await daemon.end();
rmSync(scratch, { recursive: true, force: true });
console.log(`${failures === 0 ? '✔' : '✘'} ${inputs.toLocaleString('en')} inputs, ${failures} failures`);
process.exitCode = failures > 0 ? 1 : 0;

async function run({ name, count, tryOne }: Target): Promise<void> {
  const startedMs = performance.now();
  const memoryBefore = daemon.memory;
  const before = failures;
  let next = 0;
  const worker = async () => {
    while (next < count * times && failures < 20) {
      const index = next++;
      const fault = await tryOne(index);
      if (fault !== '') fail(`${name}, input ${index}: ${fault}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  inputs += next;
  if (!daemon.isAlive) fail(`${name}: the daemon has ended`);
  const growth = daemon.memory - memoryBefore;
  if (growth > MAX_GROWTH) fail(`${name}: the daemon holds ${Math.round(growth / MIB)} MiB more`);
  if (daemon.stateText !== stateBefore) fail(`${name}: the state file has changed`);
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
  const mark = failures === before ? '✔' : '✘';
  console.log(
    `  ${mark} ${name}: ${next.toLocaleString('en')} inputs, ${Math.round(growth / MIB)} MiB more, ${seconds} s`,
  );
}

/** Of its own for each input that is under way: an invalid file is waited for, since somebody may still write it. */
function folderOf(index: number): string {
  return join(scratch, String(index % (8 * AT_ONCE)));
}

async function overNetwork(bytes: Buffer, check: Check, isOpen: boolean): Promise<string> {
  let fault: string;
  try {
    fault = check(await daemon.exchange(bytes, isOpen));
  } catch (error) {
    fault = (error as Error).message;
  }
  return fault === '' ? '' : `${fault}\n    sent ${JSON.stringify(bytes.toString('latin1').slice(0, 2_000))}`;
}

function restRequest(): Buffer {
  if (random() < 0.4) {
    // A byte that no target may have ends the head, which is the other test's matter.
    const path = mutate(
      GET_PATHS.map((text) => Buffer.from(text.slice(1))),
      random,
    ).toString('latin1');
    return requestBytes(daemon.port, `GET /${path.replaceAll(/[^!-~]/g, '%ff')}`);
  }
  const [path, body] = POST_BODIES[Math.floor(random() * POST_BODIES.length)]!;
  return requestBytes(daemon.port, `POST ${path}`, mutate([Buffer.from(body)], random));
}

/** Values of an arbitrary without end, made in heaps. */
function sampler<T>(arbitrary: fc.Arbitrary<T>): () => T {
  let heap: T[] = [];
  let heaps = 0;
  return () => {
    if (heap.length === 0) heap = fc.sample(arbitrary, { numRuns: 1_000, seed: seed + heaps++ });
    return heap.pop()!;
  };
}

function fail(text: string): void {
  failures++;
  console.error(`✘ ${text}`);
}
