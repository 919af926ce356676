import type { Bilingual, Language } from '../../protocol/language.ts';
import { forgetNodeVariables, requireNode } from '../../shared/runtime.ts';
import { parseArguments, splitCommandLine } from './arguments.ts';
import { daemonCaller } from './calls/daemon-caller.ts';
import type { Outcome } from './command.ts';
import { COMMANDS } from './command-table.ts';
import { describeFailure, unwritable } from './failure.ts';
import { findCommand, missingCommand } from './find-command.ts';
import { readLanguage, readSettings } from './settings.ts';
import { onBrokenResult, writeJson, writeNote, writeResult } from './show/output.ts';

/** The sentence to tell where the command's answer cannot be written. */
let done: Bilingual | undefined;
onBrokenResult(onBrokenOutput);
forgetNodeVariables(process.env);
void start(process.argv.slice(2));

/** Not awaited here: a command loads what stands in one file with this, and would wait for it for ever. */
async function start(args: readonly string[]): Promise<never> {
  const { exitCode, undo } = await main(args);
  await pauseIfAsked(args, undo);
  process.exit(exitCode);
}

/** Runs a command line and returns, when everything is written, its exit code and the way to take back what it recorded. */
async function main(args: readonly string[]): Promise<{ readonly exitCode: number; readonly undo?: Outcome['undo'] }> {
  const { globals } = splitCommandLine(args);
  const language = readLanguage(globals);
  try {
    const outcome = await run(args, language);
    done = outcome?.done;
    if (outcome) await print(outcome, globals.json === true);
    return { exitCode: outcome?.exitCode ?? 0, ...(outcome?.undo && { undo: outcome.undo }) };
  } catch (error) {
    return { exitCode: await printFailure(error, language, globals.json === true) };
  }
}

/** Says what went wrong, and returns the exit code for it. */
async function printFailure(error: unknown, language: Language, isJson: boolean): Promise<number> {
  const { text, json, exitCode } = describeFailure(error, language);
  await print(isJson ? { text: '', json } : { text: '', json, note: text }, isJson);
  return exitCode;
}

async function run(args: readonly string[], language: Language): Promise<Outcome | undefined> {
  const { name, before, after } = splitCommandLine(args);
  // It looks at Node itself, among the rest.
  if (name !== 'doctor') requireNode(process.versions.node);
  const { flags: globals } = parseArguments(before, { flags: {}, args: [] });
  if (globals.version) return await version();
  if (name === undefined) return await helpInstead(globals.help === true, language);
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

async function helpInstead(isAskedFor: boolean, language: Language): Promise<Outcome> {
  if (!isAskedFor) throw missingCommand(COMMANDS);
  const { overview } = await import('./help.ts');
  return await overview(COMMANDS, language);
}

/** A window that was opened by a double click closes with the program, so it waits until the person has read it, or takes it back. */
async function pauseIfAsked(args: readonly string[], undo: Outcome['undo']): Promise<void> {
  const { globals } = splitCommandLine(args);
  if (!globals.pause) return;
  const language = readLanguage(globals);
  const { waitForKey } = await import('./input/prompts.ts');
  if ((await waitForKey(language, undo !== undefined)) === 'close' || !undo) return;
  try {
    await print(await undo(), globals.json === true);
  } catch (error) {
    await printFailure(error, language, globals.json === true);
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
  if (error.code === 'EPIPE') process.exit(0);
  const { globals } = splitCommandLine(process.argv.slice(2));
  const { text, exitCode } = describeFailure(unwritable(error, done), readLanguage(globals));
  void writeNote(text);
  process.exit(exitCode);
}
