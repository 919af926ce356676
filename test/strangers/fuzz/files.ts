import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { splitDropText, understandDropText } from '../../../src/daemon/sources/drop-folder/drop-content.ts';
import { TokenSyncError } from '../../../src/protocol/errors.ts';
import { Subject } from '../../durability/subject.ts';
import { emptied } from '../../support/scratch.ts';
import { until, within } from '../../support/until.ts';
import type { FuzzedDaemon } from './daemon.ts';

const STATE = 'architect_monitor.json';
const SEGMENT = join('ledger', '000001.jsonl');

/** A drop-file is read, or refused in words for people. */
export function dropFault(bytes: Buffer): string {
  try {
    const readings = understandDropText(splitDropText(bytes));
    return readings.length > 0 ? '' : 'nothing was read and nothing refused';
  } catch (error) {
    return error instanceof TokenSyncError ? '' : `${error}`;
  }
}

/** Files put into the drop folder are all dealt with, and the state file parses. */
export async function dropAll(daemon: FuzzedDaemon, contents: readonly Buffer[]): Promise<string> {
  const folder = join(daemon.folder, 'drop');
  contents.forEach((bytes, index) => {
    const part = join(folder, `.${index}.part`);
    writeFileSync(part, bytes);
    renameSync(part, join(folder, `fuzz-${index}.txt`));
  });
  const left = () => readdirSync(folder).filter((name) => name !== 'rejected');
  await until(() => left().length === 0 || !daemon.isAlive, 'the drop folder is empty', 120_000);
  const { used } = JSON.parse(daemon.stateText).token_usage;
  const reasons = readdirSync(join(folder, 'rejected')).filter((name) => name.endsWith('.error.txt'));
  if (!Number.isSafeInteger(used) || used < 0) return `used is ${used}`;
  return reasons.length > 0 ? '' : 'nothing was rejected';
}

/** A ledger and a state file that have been used for a while. */
export async function usedFolder(scratch: string): Promise<{ state: Buffer; segment: Buffer }> {
  const folder = emptied(join(scratch, 'used'));
  writeFileSync(
    join(folder, STATE),
    JSON.stringify({
      status: '进行中',
      token_usage: { used: 5, total: 1_000, percentage: 0.5, sessions: [{ task: 'x' }] },
    }),
  );
  const subject = await Subject.open(folder);
  for (let index = 0; index < 5; index++) await subject.record(`r${index}`, 10 ** index);
  await subject.undo('u');
  await subject.setTotal(2_000_000);
  await subject.stop();
  return { state: readFileSync(join(folder, STATE)), segment: readFileSync(join(folder, SEGMENT)) };
}

/** A state file is adopted or set aside, and the next reading stands in a file that parses. */
export async function stateFault(folder: string, { segment }: { segment: Buffer }, bytes: Buffer): Promise<string> {
  emptied(folder);
  mkdirSync(join(folder, 'ledger'), { mode: 0o700 });
  writeFileSync(join(folder, SEGMENT), segment);
  writeFileSync(join(folder, STATE), bytes);
  return await openingFault(folder);
}

/** A ledger is read as far as it can be, and the next reading stands in a file that parses. */
export async function ledgerFault(folder: string, { state }: { state: Buffer }, bytes: Buffer): Promise<string> {
  emptied(folder);
  mkdirSync(join(folder, 'ledger'), { mode: 0o700 });
  writeFileSync(join(folder, SEGMENT), bytes);
  writeFileSync(join(folder, STATE), state);
  return await openingFault(folder);
}

const MOST_MS = 20_000;

async function openingFault(folder: string): Promise<string> {
  let subject: Subject;
  try {
    subject = await within(MOST_MS, Subject.open(folder), 'a folder to open');
  } catch (error) {
    // Such as a ledger of a newer form, which is left alone.
    return error instanceof TokenSyncError ? '' : `opening: ${(error as Error).stack}`;
  }
  try {
    const { used } = subject.monitor.usage();
    const receipt = await within(MOST_MS, subject.record('after', 1), 'a recording');
    const shown = JSON.parse(readFileSync(join(folder, STATE), 'utf8')).token_usage;
    const isRight = receipt.total_used === used + 1 && shown.used === receipt.total_used;
    return isRight ? '' : `used was ${used}, the receipt says ${receipt.total_used} and the file ${shown.used}`;
  } catch (error) {
    return error instanceof TokenSyncError ? '' : `recording: ${(error as Error).stack}`;
  } finally {
    await within(MOST_MS, subject.stop(), 'the end');
  }
}
