import * as z from 'zod/mini';
import * as field from './fields.ts';

/** The tools whose own figures are read. */
export const TOOLS = ['cursor', 'claude', 'codex', 'copilot', 'opencode', 'qwen', 'kimi', 'gemini'] as const;
export type Tool = (typeof TOOLS)[number];

/** The meters that grow by what was used, each told exactly once; the names are those of their tools but for `cursor.billed`. */
export const COUNTERS = ['claude', 'codex', 'copilot', 'opencode', 'qwen', 'kimi', 'gemini', 'cursor.billed'] as const;

/** The meters that tell how full a conversation is. */
export const GAUGES = ['cursor.context', 'claude.context', 'codex.context'] as const;

const tool = z.enum(TOOLS);

const told = {
  meter: z.string().check(field.describe('Its name: the tool, and what of it.')),
  provenance: z
    .enum(['exact', 'estimated', 'manual'])
    .check(
      field.describe(
        '`exact`: the tool’s own count · `estimated`: derived from something coarser · `manual`: by hand.',
      ),
    ),
  observed_at: field.at.check(field.describe('When the tool wrote it, ISO 8601 in UTC.')),
};

export const tokens = z.strictObject({
  input: field.count.check(field.describe('Without what came from a cache.')),
  cache_read: field.count,
  cache_write: field.count,
  output: field.count,
  reasoning: field.count.check(field.describe('Lies within `output`.')),
  fresh: field.count.check(field.describe('`input` + `cache_write` + `output`.')),
  all: field.count.check(field.describe('`fresh` + `cache_read`.')),
});

const cost = z.optional(
  z.strictObject({
    usd: z.number(),
    basis: z.enum(['reported', 'computed']),
  }),
);

export const counterMeter = z.strictObject({
  ...told,
  kind: z.literal('counter'),
  tokens,
  calls: field.count.check(field.describe('How many requests were counted.')),
  cost,
});

export const gaugeMeter = z.strictObject({
  ...told,
  kind: z.literal('gauge'),
  conversation: z.string(),
  used: field.count,
  limit: z.optional(field.count),
  percent: z.optional(field.percent),
  model: z.optional(z.string()),
  project: z.optional(z.string()),
});

export const windowMeter = z.strictObject({
  ...told,
  kind: z.literal('window'),
  used_percent: z.number().check(field.describe('As the tool tells it; may lie above 100.')),
  resets_at: field.at,
  window_minutes: field.count,
  expired: z.optional(
    z.literal(true).check(field.describe('The reset is past, so the figure is of the window before.')),
  ),
});

/** A named figure of a tool. */
export const meter = z.discriminatedUnion('kind', [counterMeter, gaugeMeter, windowMeter]);

/** The adapter of a tool, and how it stands. */
export const meterSource = z.strictObject({
  name: tool,
  state: z
    .enum(['off', 'absent', 'reading', 'idle', 'live', 'degraded'])
    .check(
      field.describe(
        '`off`: switched off · `absent`: the tool is not there · `reading`: its past is being read · `idle` · `live`: it wrote within the last minute · `degraded`: it is not understood, or cannot be read; its last figures stay.',
      ),
    ),
  reason: z.optional(z.strictObject({ zh: z.string(), en: z.string() })),
  since: z.optional(field.at),
  hint: z.optional(z.strictObject({ zh: z.string(), en: z.string() })),
  places: z.optional(
    z.array(z.string()).check(field.describe('The folders and databases that are read, where they are there.')),
  ),
});

export const feeding = z.strictObject({
  main: z.array(z.string()).check(field.describe('The meters that feed the budget (`meters.main`).')),
  count: z.enum(['fresh', 'all']),
});

const at = {
  epoch: z.string().check(field.describe('Whose numbers `seq` are; with another one all is to be asked for again.')),
  seq: field.count.check(field.describe('Grows with every change that is told.')),
};

export const meters = z.strictObject({
  ...at,
  meters: z.array(meter),
  sources: z.array(meterSource),
  feeding: z.optional(feeding).check(field.describe('There where a meter feeds the budget.')),
});

/** What changed, in order. */
export const metersChanged = z.strictObject({
  ...at,
  meters: z.array(meter),
  sources: z.optional(z.array(meterSource).check(field.describe('All of them, where one has changed.'))),
});

export const sinceSeq = z.strictObject({
  since_seq: z
    .optional(field.count)
    .check(field.describe('The `seq` that was told last: only meters that changed since are told.')),
});

/** By what sums are asked for. */
export const DIMENSIONS = ['tool', 'model', 'project', 'day', 'hour', 'conversation'] as const;
export type Dimension = (typeof DIMENSIONS)[number];

export const statsQuery = z.strictObject({
  by: z.array(z.enum(DIMENSIONS)).check(z.maxLength(DIMENSIONS.length)),
  since: z.optional(field.timestamp),
  until: z.optional(field.timestamp),
  time_zone: z.optional(field.timeZone),
});

export const statsRow = z.strictObject({
  tool: z.optional(z.string()),
  model: z.optional(z.string()),
  project: z.optional(z.string()),
  day: z.optional(z.string()),
  hour: z.optional(z.string()),
  conversation: z.optional(z.string()),
  tokens,
  calls: field.count,
  cost,
});

export const stats = z.strictObject({
  rows: z.array(statsRow),
  unpriced: z.array(statsRow).check(field.describe('What no price is known for.')),
});

/** What a statusline, a hook or another program tells of a tool. */
export const report = z.strictObject({
  tool,
  conversation: z.optional(field.conversationId),
  context: z.optional(
    z.strictObject({
      used: field.count,
      limit: z.optional(field.count),
      provenance: z.optional(z.enum(['exact', 'estimated'])).check(field.describe('`exact` by default.')),
    }),
  ),
  windows: z.optional(
    z
      .array(
        z.strictObject({
          used_percent: z.number().check(z.nonnegative()),
          resets_at: field.timestamp,
          window_minutes: field.count,
        }),
      )
      .check(z.maxLength(16)),
  ),
  model: z.optional(z.string().check(z.maxLength(256))),
  project: z.optional(z.string().check(z.maxLength(4096))),
});
