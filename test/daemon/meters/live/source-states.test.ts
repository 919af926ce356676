import { expect, test } from 'vitest';
import { toolRoots } from '../../../../src/daemon/meters/files/tool-roots.ts';
import { type Known, LIVE_MS, sourceStates } from '../../../../src/daemon/meters/live/source-states.ts';

const NOW = Date.parse('2026-03-01T10:00:00Z');
const claude = toolRoots({ platform: 'linux', env: {}, home: '/home/me' })
  .filter(({ tool }) => tool === 'claude')
  .slice(0, 1);
const known: Known = {
  tools: ['claude'],
  wanted: ['claude'],
  present: claude,
  standings: [{ tool: 'claude', state: 'read' }],
  wroteMs: new Map(),
  nowMs: NOW,
};
const reason = { zh: '看不懂', en: 'it is not understood' };
const hint = { zh: '请更新', en: 'update' };
const places = ['/home/me/.claude/projects'];

test.each<[string, Partial<Known>, object]>([
  ['off where the settings do not name it, whatever else', { wanted: [] }, { state: 'off' }],
  ['absent where nothing of it is there', { present: [] }, { state: 'absent' }],
  ['reading until somebody has read it', { standings: [] }, { state: 'reading', places }],
  [
    'reading while its past is read',
    { standings: [{ tool: 'claude', state: 'reading' }] },
    { state: 'reading', places },
  ],
  ['idle where it has written nothing', {}, { state: 'idle', places }],
  [
    'live within a minute of its writing',
    { wroteMs: new Map([['claude', NOW - LIVE_MS + 1]]) },
    { state: 'live', places },
  ],
  ['idle a minute after', { wroteMs: new Map([['claude', NOW - LIVE_MS]]) }, { state: 'idle', places }],
  [
    'degraded with the reason and what to do, though it writes',
    {
      standings: [{ tool: 'claude', state: 'degraded', reason, hint, sinceMs: NOW - 5_000 }],
      wroteMs: new Map([['claude', NOW]]),
    },
    { state: 'degraded', reason, since: '2026-03-01T09:59:55.000Z', hint, places },
  ],
])('a source is %s', (_, change, expected) => {
  expect(sourceStates({ ...known, ...change })).toEqual([{ name: 'claude', ...expected }]);
});
