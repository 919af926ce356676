import type { Dice } from './dice.ts';
import type { WrittenLine } from './home.ts';

/** Lines of a transcript that look like figures and are none, or that are no lines at all. */
export function hostileLines(dice: Dice): WrittenLine[] {
  const usage = '"usage":{"input_tokens":7,"output_tokens":7}';
  const lines: (string | Buffer)[] = [
    '',
    '   ',
    Buffer.alloc(dice.int(1, 5000)),
    Buffer.from([0xff, 0xfe, 0x00, 0x80]),
    `{"type":"assistant","message":{"id":"msg_cut",${usage}`,
    `{"type":"assistant","message":{"id":"msg_nul",${usage}}}\u0000`,
    `"usage":{`,
    `[{"message":{${usage}}}]`,
    `{"message":[{${usage}}]}`,
    `{"message":null,${usage}}`,
    `{"message":{"id":"msg_null","usage":null},"x":{${usage}}}`,
    `{"__proto__":{"message":{"id":"msg_proto",${usage}}}}`,
    `{"constructor":{"prototype":{"message":{${usage}}}},"x":{${usage}}}`,
    `${'['.repeat(dice.int(1, 20_000))}"usage":{`,
    `{"message":{"id":"msg_empty","model":"m","usage":{}},"x":{${usage}}}`,
    `{"message":{"id":"msg_zero","model":"m","usage":{"input_tokens":0,"output_tokens":"0"}}}`,
    `{"message":{"id":"msg_odd","model":"m","usage":{"input_tokens":-5,"output_tokens":[1],"cache_read_input_tokens":{}}}}`,
    `{"message":{"id":"msg_big","model":"m","usage":{"input_tokens":1e308,"output_tokens":null}}}`,
    `{"message":{"id":"msg_half","model":"m","usage":{"input_tokens":"many","output_tokens":true}}}`,
  ];
  return Array.from({ length: dice.int(1, 4) }, () => ({ text: dice.pick(lines) }));
}

/** One of the lines of a rollout that look like a count and are none, or that are no line at all. */
export function hostileCount(dice: Dice): string | Buffer {
  const vector = '{"input_tokens":7,"output_tokens":7,"total_tokens":14}';
  const info = `"info":{"last_token_usage":${vector},"total_token_usage":${vector}}`;
  return dice.pick([
    '',
    Buffer.alloc(dice.int(1, 5000)),
    Buffer.from([0xff, 0xfe, 0x00, 0x80]),
    `{"type":"event_msg","payload":{"type":"token_count",${info}`,
    `{"type":"event_msg","payload":{"type":"token_count",${info}}}\u0000`,
    `{"type":"event_msg","payload":[{"type":"token_count",${info}}]}`,
    `[{"type":"event_msg","payload":{"type":"token_count",${info}}}]`,
    `{"type":"event_msg","payload":null,"x":{"type":"token_count",${info}}}`,
    `{"__proto__":{"type":"event_msg","payload":{"type":"token_count",${info}}}}`,
    `{"payload":{"type":"token_count",${info}}}`,
    `{"type":"event_msg","payload":{"type":"token_count","info":[1]}}`,
    `{"type":"event_msg","payload":{"type":"token_count","info":{},"rate_limits":{"primary":"full"}}}`,
    `{"type":"event_msg","payload":{"type":"token_count","info":"none","rate_limits":null}}`,
    `${'{"a":'.repeat(dice.int(1, 5000))}"token_count"`,
  ]);
}

/** A line of 17 MiB that tells of tokens; a reader skips what is longer than 16. */
export function hugeLine(): WrittenLine {
  const content = 'x'.repeat(17 * 1024 * 1024);
  const usage = { input_tokens: 1_000_000, output_tokens: 1_000_000 };
  return { text: JSON.stringify({ message: { id: 'msg_huge', model: 'm', usage, content } }) };
}
