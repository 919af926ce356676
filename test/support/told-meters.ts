import type { CounterMeter, GaugeMeter, Meters, MeterTokens, WindowMeter } from '../../src/protocol/methods.ts';

export const tokens: MeterTokens = {
  input: 200_000,
  cache_read: 9_000_000,
  cache_write: 700_000,
  output: 100_000,
  reasoning: 40_000,
  fresh: 1_000_000,
  all: 10_000_000,
};

const MINUTE_MS = 60_000;

/** How long before or after a moment something is, as it is told. */
export function instant(nowMs: number, minutes: number): string {
  return new Date(nowMs + minutes * MINUTE_MS).toISOString();
}

export function counterAt(nowMs: number, told: Partial<CounterMeter> = {}): CounterMeter {
  const observed_at = instant(nowMs, -1);
  return { meter: 'claude', kind: 'counter', tokens, calls: 321, provenance: 'exact', observed_at, ...told };
}

export function gaugeAt(nowMs: number, told: Partial<GaugeMeter> = {}): GaugeMeter {
  const what = { used: 84_000, limit: 200_000, percent: 42, model: 'a-model', project: 'web' };
  const how = { provenance: 'exact', observed_at: instant(nowMs, -1) } as const;
  return { meter: 'cursor.context', kind: 'gauge', conversation: 'c1-c1-c1-c1', ...what, ...how, ...told };
}

/** A window of five hours, of which 45 minutes are left when it is told. */
export function windowAt(nowMs: number, told: Partial<WindowMeter> = {}): WindowMeter {
  const what = { used_percent: 57, resets_at: instant(nowMs, 45), window_minutes: 300 };
  const how = { provenance: 'exact', observed_at: instant(nowMs, 0) } as const;
  return { meter: 'claude.5h', kind: 'window', ...what, ...how, ...told };
}

/** A machine with one meter of each kind, and a source in each state. */
export function metersAt(nowMs: number): Meters {
  return {
    epoch: 'e1',
    seq: 7,
    meters: [counterAt(nowMs), windowAt(nowMs), gaugeAt(nowMs)],
    sources: [
      {
        name: 'cursor',
        state: 'degraded',
        reason: { zh: 'state.vscdb 中没有表 cursorDiskKV', en: 'state.vscdb has no table cursorDiskKV' },
        hint: { zh: '请升级 token-sync', en: 'update token-sync' },
        since: instant(nowMs, -30),
        places: ['/home/me/.config/Cursor/User/globalStorage/state.vscdb'],
      },
      { name: 'claude', state: 'live', places: ['/home/me/.claude/projects'] },
      { name: 'codex', state: 'off' },
      { name: 'qwen', state: 'absent' },
      { name: 'kimi', state: 'absent' },
    ],
  };
}
