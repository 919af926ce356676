import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { withoutSpaces } from './content.ts';
import { agree } from './differences.ts';
import { SHOWN } from './model.ts';
import type { Program } from './program.ts';
import type { State } from './state.ts';
import type { Course, Trial } from './trial.ts';
import { pick } from './writers.ts';

/** The daemon waits twice as long for a program that holds the file. */
const MAX_HELD_MS = 1_500;

const MAX_TOKENS = 2 ** 53 - 1;
const MAX_PROGRAMS = 8;

type Random = () => number;
type Step = (trial: Trial, random: Random) => Promise<void>;

/** The kinds of steps, and how often each happens beside the others. */
export const STEPS: readonly (readonly [weight: number, step: Step])[] = [
  [16, recordOne],
  [1, recordMany],
  [4, importSome],
  [8, undoOne],
  [4, setTotal],
  [12, keepReading],
  [22, saveFresh],
  [26, saveKept],
  [4, putOlderCopyBack],
  [1, saveTheSame],
  [6, saveTwice],
  [8, saveWhileOthersRecord],
  [3, restart],
  [4, crash],
  [2, holdOpen],
];

/** A step of one program at a random moment; decided by `random` alone and by the steps before. */
export function takeStep(trial: Trial, random: Random): Promise<void> {
  trial.subject.pass(pick([0, 3, 1_000, 30_000, 3_600_000], random));
  const steps = STEPS.flatMap(([weight, step]) => Array.from({ length: weight }, () => step));
  return pick(steps, random)(trial, random);
}

function recordOne(trial: Trial, random: Random): Promise<void> {
  const type = pick(['auto', 'auto', 'auto', 'estimate', 'manual', 'correction'], random);
  return record(trial, type, Math.floor(random() * (type === 'auto' ? 100 : 2_000)));
}

async function recordMany(trial: Trial, random: Random): Promise<void> {
  const count = Math.floor(random() ** 3 * 250);
  const before = trial.log.length;
  for (let left = count; left > 0; left--) await record(trial, 'auto', 1);
  trial.log.splice(before, count, `record auto 1, ${count} times`);
}

async function record(trial: Trial, type: string, tokens: number): Promise<void> {
  const isRefused = type !== 'manual' && type !== 'correction' && trial.model.ours.used + tokens > MAX_TOKENS;
  const reading = { id: trial.fresh('r'), sync_type: isRefused ? 'correction' : type, tokens };
  trial.say(`record ${reading.sync_type} ${tokens} as ${reading.id}`);
  const { isBehind } = await trial.subject.record(reading);
  if (isBehind) throw new Error('the receipt says that the file is behind, and nobody holds it');
  if (!trial.subject.text().includes(`"${reading.id}"`)) throw new Error('what is acknowledged is not in the file');
  await trial.expect([recorded(reading)], { isTimed: true });
}

function recorded({ id, sync_type, tokens }: { readonly id: string; sync_type: string; tokens: number }): Course {
  return (model) => model.record(id, sync_type, tokens);
}

async function importSome(trial: Trial, random: Random): Promise<void> {
  if (trial.model.ours.used > MAX_TOKENS - 5_000) return;
  const counts = Array.from({ length: 1 + Math.floor(random() * 4) }, () => ({
    id: trial.fresh('i'),
    tokens: 1 + Math.floor(random() * 1_000),
  }));
  trial.say(`import ${counts.map(({ id, tokens }) => `${id} ${tokens}`)}`);
  await trial.subject.import(counts);
  const courses = counts.map(({ id, tokens }) => recorded({ id, sync_type: 'import', tokens }));
  await trial.expect([asOne(courses)], { isTimed: true });
}

async function undoOne(trial: Trial): Promise<void> {
  if (trial.model.readings.length === 0) return;
  trial.say(`undo of ${trial.model.readings.at(-1)!.id}`);
  await trial.subject.undo(trial.fresh('u'));
  await trial.expect([(model) => model.undo()], { isTimed: true, isUndo: true });
}

async function setTotal(trial: Trial, random: Random): Promise<void> {
  const total = pick([400_000, 1_000_000, 2_000_000], random);
  trial.say(`budget ${total}`);
  await trial.subject.setTotal(total);
  // The default counts as set once somebody has set it, which is a change although the figure is the same.
  const isTimed = total !== trial.model.ours.total || total === 1_000_000;
  await trial.expect([(model) => model.setTotal(total)], { isTimed });
}

async function keepReading(trial: Trial): Promise<void> {
  trial.programs.push(trial.read());
  if (trial.programs.length > MAX_PROGRAMS) trial.programs.shift();
}

async function saveFresh(trial: Trial, random: Random): Promise<void> {
  const program = trial.read();
  await save(trial, program, random);
  if (random() < 0.3) trial.programs.push(program);
}

async function saveKept(trial: Trial, random: Random): Promise<void> {
  const program = pick(trial.programs, random);
  if (!program) return saveFresh(trial, random);
  // It goes on with its own copy, or another one starts from the same reading.
  if (random() < 0.3) program.startAnew();
  return save(trial, program, random);
}

async function save(trial: Trial, program: Program, random: Random): Promise<void> {
  const text = trial.change(program, random);
  trial.save(text, random);
  await trial.expect([adopted(text)]);
}

function adopted(text: string): Course {
  return (model) => model.adopt(text);
}

async function putOlderCopyBack(trial: Trial, random: Random): Promise<void> {
  const view = pick([...trial.model.views.values()], random);
  trial.say(`the older copy with used ${view.used} is put back`);
  trial.save(view.text, random);
  await trial.expect([adopted(view.text)]);
}

async function saveTheSame(trial: Trial, random: Random): Promise<void> {
  const text = trial.model.latest;
  trial.say('the file is written as it is');
  trial.save(text, random);
  await trial.expect([adopted(text)]);
}

/** The daemon has seen the first or not, when the second replaces it. */
async function saveTwice(trial: Trial, random: Random): Promise<void> {
  const program = random() < 0.5 ? trial.read() : (pick(trial.programs, random) ?? trial.read());
  const first = trial.change(program, random);
  if (random() < 0.5) program.startAnew();
  const second = trial.change(program, random);
  trial.save(first, random);
  const adopting = trial.subject.adopt();
  for (let ticks = Math.floor(random() * 30); ticks > 0; ticks--) await new Promise(setImmediate);
  trial.save(second, random);
  await adopting;
  await trial.expect([inTurn([adopted(first), adopted(second)]), adopted(second)], { isForgotten: true });
}

async function saveWhileOthersRecord(trial: Trial, random: Random): Promise<void> {
  if (trial.model.ours.used > MAX_TOKENS - 5_000) return;
  const program = random() < 0.5 ? trial.read() : (pick(trial.programs, random) ?? trial.read());
  const text = trial.change(program, random);
  const readings = autos(trial, 1 + Math.floor(random() * 3), 'c');
  trial.say(`meanwhile ${say(readings)}`);
  const early = Math.floor(random() * (readings.length + 1));
  const answers: Promise<unknown>[] = readings.slice(0, early).map((reading) => trial.subject.record(reading));
  for (let ticks = Math.floor(random() * 30); ticks > 0; ticks--) await new Promise(setImmediate);
  trial.save(text, random);
  answers.push(...readings.slice(early).map((reading) => trial.subject.record(reading)));
  await Promise.all(answers);
  // Calls sent at once may arrive in any order.
  const orders = permutationsOf([...readings.map(recorded), adopted(text)]);
  await trial.expect(orders.map(inTurn), { isTimed: true });
}

/** A program that opens the file, computes while others record, and only then writes. */
async function holdOpen(trial: Trial, random: Random): Promise<void> {
  const path = trial.subject.heldPath;
  if (path === undefined || trial.model.ours.used > MAX_TOKENS - 5_000) return saveFresh(trial, random);
  const text = trial.change(random() < 0.5 ? trial.read() : (pick(trial.programs, random) ?? trial.read()), random);
  const readings = autos(trial, Math.floor(random() * 3), 'h');
  const isTruncated = random() < 0.5;
  trial.say(`which holds the file open${isTruncated ? ', emptied,' : ''} while ${say(readings)}`);
  const fd = openSync(path, isTruncated ? 'w' : 'r+');
  for (const reading of readings) {
    const { isBehind } = await trial.subject.record(reading);
    if (!isBehind && isTruncated)
      throw new Error('the file is held open, and the receipt does not say that it is behind');
  }
  await new Promise((resolve) => setTimeout(resolve, random() * MAX_HELD_MS));
  if (!isTruncated) ftruncateSync(fd);
  writeSync(fd, text);
  closeSync(fd);
  trial.edits++;
  await trial.expect([inTurn([...readings.map(recorded), adopted(text)])], { isTimed: readings.length > 0 });
}

function autos(trial: Trial, count: number, prefix: string): { id: string; sync_type: string; tokens: number }[] {
  return Array.from({ length: count }, (_, index) => ({
    id: trial.fresh(prefix),
    sync_type: 'auto',
    tokens: 10 + index,
  }));
}

function say(readings: readonly { readonly id: string; readonly tokens: number }[]): string {
  return readings.map(({ id, tokens }) => `${id} auto ${tokens}`).join(', ') || 'nothing is recorded';
}

function permutationsOf<T>(things: readonly T[]): T[][] {
  if (things.length === 0) return [[]];
  return things.flatMap((first, index) => permutationsOf(things.toSpliced(index, 1)).map((rest) => [first, ...rest]));
}

async function restart(trial: Trial, random: Random): Promise<void> {
  const text = random() < 0.7 ? trial.change(pick(trial.programs, random) ?? trial.read(), random) : undefined;
  trial.say(text === undefined ? 'restart' : 'which is saved between a stop and a start');
  await trial.subject.restart(() => text !== undefined && trial.save(text, random));
  // The file before the last change is what a crash may have left, so that nobody need have put it back.
  const before = [...trial.model.views.values()].at(-2)?.text;
  const isBefore = text !== undefined && before !== undefined && withoutSpaces(before) === withoutSpaces(text);
  await trial.expect([text === undefined ? nothing : adopted(text), ...(isBefore ? [nothing] : [])]);
}

async function crash(trial: Trial, random: Random): Promise<void> {
  if (random() < 0.3 && trial.model.ours.used < MAX_TOKENS - 5_000) {
    const reading = { id: trial.fresh('r'), sync_type: 'auto', tokens: 5 };
    trial.say(`a crash while ${reading.id} auto 5 is recorded`);
    await trial.subject.crash(() => trial.subject.record(reading), random);
    return trial.expect([recorded(reading), nothing], { isTimed: true });
  }
  const text = trial.change(pick(trial.programs, random) ?? trial.read(), random);
  trial.say('which is saved before a crash');
  trial.save(text, random);
  await trial.subject.crash(() => trial.subject.adopt(), random);
  await trial.expect([adopted(text)], { isForgotten: true });
}

function nothing(model: Parameters<Course>[0]): ReturnType<Course> {
  return model.setTotal(model.ours.total);
}

/** One change after the other, of which only the last is seen. */
function inTurn(courses: readonly Course[]): Course {
  return asOne(courses.flatMap((course, index) => (index === 0 ? [course] : [passed, course])));
}

function passed(model: Parameters<Course>[0]): ReturnType<Course> {
  model.pass();
  return nothing(model);
}

/** Several things that are one change. */
function asOne(courses: readonly Course[]): Course {
  return (model) => {
    let expected = nothing(model);
    let maybeCut = 0;
    for (const course of courses) {
      const before = expected.orders;
      maybeCut = Math.max(maybeCut, expected.sessions.length - SHOWN);
      expected = course(model);
      const orders = [...before.map((order) => within(order, expected)), ...expected.orders.slice(1)];
      // Which of two orders was kept in between, nobody has seen.
      expected = { ...expected, orders: before.length > 0 && agree(before) && agree(orders) ? orders : [], maybeCut };
    }
    return expected;
  };
}

/** The members of a state that are still there: one that was taken away and came again has no old place. */
function within({ members, sessions, ...figures }: State, now: State): State {
  const stay = new Set(now.sessions.map(({ who }) => who));
  return {
    ...figures,
    members: new Map([...members].filter(([name]) => now.members.has(name))),
    sessions: sessions.filter(({ who }) => stay.has(who)),
  };
}
