import { readClaudeLine } from '../../../../src/daemon/meters/forms/claude-line.ts';

export const NOW_MS = Date.UTC(2026, 8, 20, 12);
export const TIME = '2026-09-20T11:00:00.000Z';
export const PLACE = { headHash: 'head', offset: 512, nowMs: NOW_MS };

export const USAGE = {
  input_tokens: 3,
  cache_creation_input_tokens: 40,
  cache_read_input_tokens: 500,
  output_tokens: 6000,
};

/** A line of an assistant's message, with what a case puts into its usage, its message and itself. */
export function assistant(usage: unknown = USAGE, message: object = {}, line: object = {}): object {
  return {
    type: 'assistant',
    uuid: 'line-1',
    sessionId: 'session-1',
    cwd: '/home/ada/project',
    timestamp: TIME,
    requestId: 'req-1',
    message: { id: 'msg-1', model: 'claude-opus-4-6', content: [{ type: 'text', text: 'hi' }], usage, ...message },
    ...line,
  };
}

export const bytes = (line: unknown) => Buffer.from(typeof line === 'string' ? line : JSON.stringify(line));
export const read = (line: unknown) => readClaudeLine(bytes(line), PLACE);
