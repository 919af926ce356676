import type { Bilingual, Language } from '../../protocol/language.ts';
import { forgetNodeVariables, requireNode } from '../../shared/runtime.ts';
import { type CommandLine, parseArguments, splitCommandLine } from './arguments.ts';
import { daemonCaller } from './calls/daemon-caller.ts';
import type { Outcome } from './command.ts';
import { COMMANDS } from './command-table.ts';
import { describeFailure, unwritable } from './failure.ts';
import { findCommand, missingCommand } from './find-command.ts';
import { readLanguage, readSettings } from './settings.ts';
import { onBrokenResult, writeJson, writeNote, writeResult } from './show/output.ts';

/** The person's language, also where the rest of the command line is wrong. */
let language: Language;
/** The code of what was done, which holds whether or not anybody reads the answer. */
let ended = 0;
/** The sentence to tell where the command's answer cannot be written. */
let done: Bilingual | undefined;
onBrokenResult(onBrokenOutput);
forgetNodeVariables(process.env);
void start(splitCommandLine(process.argv.slice(2)));

/** Not awaited here: a command loads what stands in one file with this, and would wait for it for ever. */
async function start(line: CommandLine): Promise<never> {
  language = readLanguage(line.globals);
  const { exitCode, undo } = await main(line);
  if (line.globals.pause) await pause(line.globals.json === true, undo);
  process.exit(exitCode);
}

/** Runs a command line and returns, when everything is written, its exit code and the way to take back what it recorded. */
async function main(line: CommandLine): Promise<{ readonly exitCode: number; readonly undo?: Outcome['undo'] }> {
  const isJson = line.globals.json === true;
  try {
    const outcome = await run(line);
    done = outcome?.done;
    ended = outcome?.exitCode ?? 0;
    if (outcome) await print(outcome, isJson);
    return { exitCode: ended, ...(outcome?.undo && { undo: outcome.undo }) };
  } catch (error) {
    return { exitCode: await printFailure(error, isJson) };
  }
}

/** Says what went wrong, and returns the exit code for it. */
async function printFailure(error: unknown, isJson: boolean): Promise<number> {
  const { text, json, exitCode } = describeFailure(error, language);
  ended = exitCode;
  await print(isJson ? { text: '', json } : { text: '', json, note: text }, isJson);
  return exitCode;
}

async function run({ name, before, after }: CommandLine): Promise<Outcome | undefined> {
  // It looks at Node itself, among the rest.
  if (name !== 'doctor') requireNode(process.versions.node);
  const { flags: globals } = parseArguments(before, { flags: {}, args: [] });
  if (globals.version) return await version();
  if (name === undefined) return await helpInstead(globals.help === true);
  const command = await findCommand(COMMANDS, name);
  const input = parseArguments([...before, ...after], command);
  if (input.flags.version) return await version();
  if (input.flags.help) return (await import('./help.ts')).helpOf(name, command, language);
  const settings = readSettings(input.flags);
  const daemon = daemonCaller(settings, language);
  return await command.run({ ...input, rawArgs: [...before, ...after], settings, language, daemon });
}

async function version(): Promise<Outcome> {
  const { VERSION } = await import('./version.ts');
  return { text: `token-sync ${VERSION}\n`, json: { success: true, version: VERSION } };
}

async function helpInstead(isAskedFor: boolean): Promise<Outcome> {
  if (!isAskedFor) throw missingCommand(COMMANDS);
  const { overview } = await import('./help.ts');
  return await overview(COMMANDS, language);
}

/** A window that was opened by a double click closes with the program, so it waits until the person has read it, or takes it back. */
async function pause(isJson: boolean, undo: Outcome['undo']): Promise<void> {
  const { waitForKey } = await import('./input/prompts.ts');
  if ((await waitForKey(language, undo !== undefined)) === 'close' || !undo) return;
  try {
    await print(await undo(), isJson);
  } catch (error) {
    await printFailure(error, isJson);
  }
  await waitForKey(language);
}

async function print({ text, json, note, remark }: Outcome, isJson: boolean): Promise<void> {
  if (note !== undefined) await writeNote(note);
  await (isJson && json ? writeJson(json) : writeResult(text));
  if (remark !== undefined) await writeNote(remark);
}

/** A reader such as `head` that has seen enough is no failure; a full disk is. */
function onBrokenOutput(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(ended);
  const { text, exitCode } = describeFailure(unwritable(error, done), language);
  void writeNote(text);
  process.exit(exitCode);
}
