import { expect, test } from 'vitest';
import { meterRows, metersText } from '../../../../src/client/cli/show/meters-view.ts';
import { gaugeAt, instant, metersAt } from '../../../support/told-meters.ts';

const nowMs = new Date(2026, 10, 20, 12, 0).getTime();

test('meters are told in English with their sources, what is read and what could feed the budget', () => {
  expect(metersText(metersAt(nowMs), nowMs, 'en')).toBe(
    [
      '📟 Live meters',
      '   claude: fresh 1,000,000 · all 10,000,000 (with cache reads) · 321 requests (exact, 1 min ago)',
      '   claude.5h: 57% used with 85% of the window gone: fine · resets 12:45, in 45 min (exact, 0 s ago)',
      '   cursor.context: 84,000 / 200,000 (42.0%) · a-model · web (exact, 1 min ago)',
      '',
      '🔌 Sources (read only; kept are counts, model, project name and times)',
      '   Cursor: degraded since 11:30: state.vscdb has no table cursorDiskKV',
      '     → update token-sync',
      '     reads /home/me/.config/Cursor/User/globalStorage/state.vscdb',
      '   Claude Code: live',
      '     reads /home/me/.claude/projects',
      '   Qwen Code, Kimi CLI: not found here',
      '   Codex: switched off',
      '   → to have none of it read: scripts/token-sync settings meters.sources off; to have some read alone: scripts/token-sync settings meters.sources cursor,claude',
      '',
      '⛽ Feeds the budget: nothing; it takes what you record',
      '   the budget can be kept up to date by itself; run one of these',
      '     scripts/token-sync settings budget.kind context',
      '     scripts/token-sync settings meters.main cursor.context',
      '       used is then always the context that Cursor shows, with nothing to copy; the budget is the room in one conversation',
      '     scripts/token-sync settings meters.main claude',
      '       what Claude Code uses from then on is added to used (fresh: without cache reads); nothing from before is counted',
      '',
    ].join('\n'),
  );
});

test('meters are told in Chinese in the same lines', () => {
  const text = metersText(metersAt(nowMs), nowMs, 'zh');
  expect(text.split('\n')).toHaveLength(metersText(metersAt(nowMs), nowMs, 'en').split('\n').length);
  expect(text).toContain('   claude: fresh 1,000,000 · all 10,000,000（含缓存读取）· 321 次请求（确切，1 分钟前）\n');
  expect(text).toContain(
    '   Cursor: 读取异常（自 11:30 起）：state.vscdb 中没有表 cursorDiskKV\n     → 请升级 token-sync\n',
  );
  expect(text).toContain('   Qwen Code、Kimi CLI: 本机没有\n');
  expect(text).toContain('⛽ 自动计入额度的: 没有，只记录你自己同步的数值\n');
});

test('where a meter feeds the budget it is named and nothing is offered', () => {
  const text = metersText({ ...metersAt(nowMs), feeding: { main: ['claude'], count: 'all' } }, nowMs, 'en');
  expect(text).toMatch(/⛽ Feeds the budget: claude: its growth \(all\) is added to used\n$/);
});

test('a machine without any tool is told that nothing was read', () => {
  const text = metersText({ epoch: 'e', seq: 0, meters: [], sources: [] }, nowMs, 'en');
  expect(text).toContain('State: no figure of a tool has been read yet\n');
  expect(text).toContain('State: no tool is read\n');
  expect(text).not.toContain('settings');
});

test('of a gauge the conversations written last are shown, and how many there are besides', () => {
  const meters = Array.from({ length: 8 }, (_, age) =>
    gaugeAt(nowMs, { conversation: `c${age}`, used: age, observed_at: instant(nowMs, -age) }),
  );
  const text = metersText({ epoch: 'e', seq: 0, sources: [], meters }, nowMs, 'en');
  expect(text.match(/cursor\.context: \d/g)).toEqual([0, 1, 2, 3, 4].map((used) => `cursor.context: ${used}`));
  expect(text).toContain('   3 older conversations: see --json\n');
  expect(meterRows(meters, nowMs, 'en', 1)).toHaveLength(1);
});

test('text of another program steers no terminal', () => {
  const [row] = meterRows([gaugeAt(nowMs, { model: 'a\u001b[31m\nb' })], nowMs, 'en', 1);
  expect(row![1]).toContain('\u001b');
  const told = { epoch: 'e', seq: 0, sources: [], meters: [gaugeAt(nowMs, { model: 'a\u001b[31m\nb' })] };
  expect(metersText(told, nowMs, 'en')).toContain('a\\u001b[31m b · web');
});
