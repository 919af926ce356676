import type { Meter, Meters } from '../../../protocol/methods.ts';

/** One family in Prometheus' text format; nothing where it has no sample now. */
interface Family {
  readonly type: 'gauge' | 'counter';
  readonly name: string;
  readonly help: string;
  readonly samples: readonly (readonly [labels: Readonly<Record<string, string>>, value: number])[];
}

const CLASSES = ['input', 'cache_read', 'cache_write', 'output'] as const;

/** The live meters as lines of metrics. Of a gauge the conversation written last is told, without its id: that would be a new series each day. */
export function meterLines({ meters, sources }: Meters): string[] {
  const counters = meters.filter((meter) => meter.kind === 'counter');
  const windows = meters.filter((meter) => meter.kind === 'window');
  const gauges = newestOf(meters.filter((meter) => meter.kind === 'gauge'));
  return [
    family({
      type: 'counter',
      name: 'meter_tokens_total',
      help: 'Tokens that a tool counted, by class; the classes do not overlap.',
      samples: counters.flatMap(({ meter, tokens }) =>
        CLASSES.map((name) => [{ meter, class: name }, tokens[name]] as const),
      ),
    }),
    family({
      type: 'counter',
      name: 'meter_calls_total',
      help: 'Requests that a tool counted.',
      samples: counters.map(({ meter, calls }) => [{ meter }, calls]),
    }),
    family({
      type: 'gauge',
      name: 'meter_context_tokens',
      help: 'How full the conversation is that was written last.',
      samples: gauges.map(({ meter, used }) => [{ meter }, used]),
    }),
    family({
      type: 'gauge',
      name: 'meter_context_limit_tokens',
      help: 'How much fits into that conversation.',
      samples: gauges.flatMap(({ meter, limit }) => (limit === undefined ? [] : [[{ meter }, limit] as const])),
    }),
    family({
      type: 'gauge',
      name: 'meter_window_used_ratio',
      help: 'How much of a limit of the vendor is used up, 1 for all of it; left out once it is past.',
      samples: windows.flatMap(({ meter, used_percent, expired }) =>
        expired ? [] : [[{ meter }, used_percent / 100] as const],
      ),
    }),
    family({
      type: 'gauge',
      name: 'meter_window_reset_timestamp_seconds',
      help: 'When that limit begins anew.',
      samples: windows.map(({ meter, resets_at }) => [{ meter }, Date.parse(resets_at) / 1_000]),
    }),
    family({
      type: 'gauge',
      name: 'meter_source',
      help: 'How a source that is there stands, as the label says.',
      samples: sources.flatMap(({ name, state }) =>
        state === 'off' || state === 'absent' ? [] : [[{ source: name, state }, 1] as const],
      ),
    }),
  ].flat();
}

function family({ type, name, help, samples }: Family): string[] {
  if (samples.length === 0) return [];
  const full = `token_sync_${name}`;
  return [
    `# HELP ${full} ${help}`,
    `# TYPE ${full} ${type}`,
    ...samples.map(([labels, value]) => `${full}{${labelText(labels)}} ${value}`),
  ];
}

function labelText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(
      ([name, value]) => `${name}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`,
    )
    .join(',');
}

type GaugeMeter = Extract<Meter, { readonly kind: 'gauge' }>;

/** They come newest first. */
function newestOf(gauges: readonly GaugeMeter[]): GaugeMeter[] {
  const newest = new Map<string, GaugeMeter>();
  for (const gauge of gauges) if (!newest.has(gauge.meter)) newest.set(gauge.meter, gauge);
  return [...newest.values()];
}
