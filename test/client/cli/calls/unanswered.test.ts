import { describe, expect, test } from 'vitest';
import { CLIPBOARD_DOUBT, withDoubtHint } from '../../../../src/client/cli/calls/unanswered.ts';
import type { Command, Input } from '../../../../src/client/cli/command.ts';
import { correct } from '../../../../src/client/cli/commands/correct.ts';
import { estimate } from '../../../../src/client/cli/commands/estimate.ts';
import { record } from '../../../../src/client/cli/commands/record.ts';
import { undo } from '../../../../src/client/cli/commands/undo.ts';
import { describeFailure } from '../../../../src/client/cli/failure.ts';
import type { FlagTable } from '../../../../src/client/cli/flags.ts';
import { callOnce } from '../../../../src/client/sdk/daemon/http-call.ts';
import { startDaemon } from '../../../support/daemon.ts';
import { serveStub } from '../../../support/json-rpc-stub.ts';

/** What a command says, and its exit code, when its call is taken and never answered; with the params of the call. */
async function unanswered<F extends FlagTable>(
  command: Command<F>,
  positionals: readonly string[],
  flags: object = {},
) {
  const sent: Record<string, unknown>[] = [];
  const take = (params: unknown) => void sent.push(params as Record<string, unknown>);
  const stub = await serveStub({ 'usage.record': take, 'conversation.record': take, 'usage.undo': take });
  const daemon: Input['daemon'] = (work) =>
    work((method, params) => callOnce(stub, method, params, { timeoutMs: 1_000 }));
  const settings = { isJson: false, dataDir: '', mayStart: false };
  const run = command.run({ flags, positionals, rawArgs: [], settings, language: 'en', daemon } as unknown as Input<F>);
  const failure = await run.then(
    () => undefined,
    (error: unknown) => error,
  );
  return { zh: describeFailure(failure, 'zh'), en: describeFailure(failure, 'en'), sent };
}

describe('a call without an answer in time', () => {
  test.each([
    ['record', () => unanswered(record, ['500'], { type: 'auto' })],
    ['correct', () => unanswered(correct, ['500'])],
    ['estimate', () => unanswered(estimate, ['hello', 'world'])],
  ])(
    '%s without an answer in time says that the value may stand, and under which id a repetition counts once',
    async (_, run) => {
      const { zh, en, sent } = await run();
      const [{ id } = { id: '' }] = sent;
      expect(id).toMatch(/^\w{26}$/);
      expect(en.exitCode).toBe(5);
      expect(en.text).toContain('did not answer within 1 s; the value may have been recorded\n');
      expect(en.text).toContain(`repeat it with --id ${id}, so that it counts once`);
      expect(zh.text).toContain('没有答复，数值可能已经记录\n');
      expect(zh.text).toContain(`请加上 --id ${id} 再次运行，这样不会重复计数`);
    },
  );

  test('record without an answer in time names the id that it was given', async () => {
    expect((await unanswered(record, ['500'], { id: 'mine' })).en.text).toContain('--id mine,');
  });

  test('undo without an answer in time warns of a second undo', async () => {
    const { en } = await unanswered(undo, []);
    expect(en).toMatchObject({ exitCode: 5, text: expect.stringContaining('may have been taken back') });
    expect(en.text).toContain('look at `scripts/token-sync history` before you undo again');
  });

  test('a sync from the clipboard without an answer in time says that a repetition adds nothing', async () => {
    const stub = await serveStub({});
    const sync = withDoubtHint(callOnce(stub, 'usage.record', { tokens: 5 }, { timeoutMs: 50 }), CLIPBOARD_DOUBT);
    await expect(sync).rejects.toMatchObject({
      kind: 'unreachable',
      hint: { en: expect.stringContaining('adds nothing') },
    });
  });
});

test('a daemon that is gone leaves no doubt: the failure is told as it is', async () => {
  const gone = await startDaemon();
  await gone.kill();
  const sync = withDoubtHint(callOnce(gone, 'usage.record', { tokens: 5 }), CLIPBOARD_DOUBT);
  await expect(sync).rejects.toMatchObject({ text: { en: 'the daemon cannot be reached' } });
});
