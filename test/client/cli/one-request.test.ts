import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { Command, Input } from '../../../src/client/cli/command.ts';
import { budget } from '../../../src/client/cli/commands/budget.ts';
import { correct } from '../../../src/client/cli/commands/correct.ts';
import { estimate } from '../../../src/client/cli/commands/estimate.ts';
import { importFile } from '../../../src/client/cli/commands/import.ts';
import { quick } from '../../../src/client/cli/commands/quick.ts';
import { record } from '../../../src/client/cli/commands/record.ts';
import { restore } from '../../../src/client/cli/commands/restore.ts';
import { undo } from '../../../src/client/cli/commands/undo.ts';
import type { FlagTable } from '../../../src/client/cli/flags.ts';
import { callOnce } from '../../../src/client/sdk/daemon/http-call.ts';
import { EMPTY, usageOf } from '../../../src/daemon/rules/snapshot.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { serveStub } from '../../support/json-rpc-stub.ts';

vi.mock(import('../../../src/client/cli/input/clipboard.ts'), () => ({
  readClipboard: async () => '350,000 tokens used',
}));

const receipt = { success: true, id: 'a', total_used: 350_000, increment: 7, total: 700_000, percent: 50, revision: 3 };
const usage = usageOf({ ...EMPTY, used: 350_000, total: 700_000 }, '0:00000000');
const imported = { success: true, imported_count: 1, skipped: [], total_tokens: 7, current_usage: usage };
const counted = { ...receipt, session_tokens: 7, user_tokens: 4, assistant_tokens: 3 };

function file(): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'a.json'), '[{"tokens":7}]');
  return join(folder, 'a.json');
}

/** The methods that a command calls, and what it tells. */
async function asked<F extends FlagTable>(command: Command<F>, positionals: readonly string[]) {
  const stub = await serveStub({
    'usage.record': () => receipt,
    'usage.undo': () => receipt,
    'usage.restore': () => receipt,
    'conversation.record': () => counted,
    'usage.import': () => imported,
    'usage.set_total': () => usage,
  });
  const daemon: Input['daemon'] = (work) =>
    work((method, params) => callOnce(stub, method, params, { timeoutMs: 2_000 }));
  const settings = { isJson: false, dataDir: '', mayStart: false };
  const input = { flags: {}, positionals, rawArgs: [], settings, language: 'en', daemon } as unknown as Input<F>;
  const outcome = await command.run(input);
  return { called: stub.called, text: outcome!.text, json: outcome!.json };
}

test.each<[string, string, () => ReturnType<typeof asked>]>([
  ['record', 'usage.record', () => asked(record, ['350000'])],
  ['correct', 'usage.record', () => asked(correct, ['350000'])],
  ['restore', 'usage.restore', () => asked(restore, [file()])],
  ['undo', 'usage.undo', () => asked(undo, [])],
  ['estimate', 'conversation.record', () => asked(estimate, ['hello', 'world'])],
  ['import', 'usage.import', () => asked(importFile, [file()])],
  ['budget', 'usage.set_total', () => asked(budget, ['700000'])],
])('%s makes one request and tells a person all from its answer', async (name, method, run) => {
  const { called, text, json } = await run();
  expect(called).toEqual([method]);
  expect(text).toContain('50.0%');
  expect(text).toContain('700,000');
  const figures = name === 'import' ? { current_usage: usage, total: 700_000 } : { success: true, total: 700_000 };
  expect(json).toMatchObject(figures);
});

test('quick makes one request and tells a person all from its answer', async () => {
  const { called, text, json } = await asked(quick, []);
  expect(called).toEqual(['usage.record']);
  expect(text).toContain('350,000');
  expect(text).toContain('50.0%');
  expect(json).toMatchObject({ success: true, total: 700_000 });
});
