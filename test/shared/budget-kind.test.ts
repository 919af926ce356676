import { expect, test } from 'vitest';
import { budgetNow } from '../../src/daemon/budget/live-budget.ts';
import { readDaemonSettings } from '../../src/shared/read-settings.ts';

type Budget = { readonly kind?: string; readonly renews?: boolean; readonly period?: string };

function settingsOf(budget: Budget, main: string) {
  return readDaemonSettings({
    readFile: () => JSON.stringify({ ...(Object.keys(budget).length > 0 && { budget }), meters: { main } }),
    env: {},
    flags: {},
  });
}

test.each<[Budget, main: string, kind: string, adds: boolean, feeds: boolean]>([
  [{}, 'none', 'counter', false, false],
  [{ renews: true, period: '15' }, 'none', 'counter', true, false],
  [{ kind: 'context' }, 'none', 'context', false, false],
  [{}, 'cursor.context', 'context', false, true],
  [{ kind: 'context' }, 'cursor.context', 'context', false, true],
  [{ renews: true, period: '15' }, 'cursor.context', 'context', false, true],
  [{ kind: 'counter', renews: true }, 'cursor.context', 'counter', true, true],
  [{ kind: 'counter', renews: true, period: '15' }, 'cursor.context', 'counter', true, true],
  [{}, 'claude,codex', 'counter', true, true],
  [{ kind: 'counter' }, 'all', 'counter', true, true],
  [{ renews: true, period: '15' }, 'claude', 'counter', true, true],
])('a budget of %j that %s feeds is a %s', (budget, main, kind, adds, feeds) => {
  const settings = settingsOf(budget, main);
  expect(settings.budget.kind).toBe(kind);
  expect(budgetNow(settings.budget, settings.meters)).toEqual({ adds, feeds });
});

test.each<[Budget, main: string, whatToDo: readonly [zh: string, en: string]]>([
  [{ kind: 'counter' }, 'cursor.context', ['budget.renews 设为 true', 'set budget.renews to true']],
  [{ kind: 'counter', period: '15' }, 'claude.context', ['去掉 budget.kind', 'take budget.kind away']],
  [{ kind: 'context' }, 'claude', ['去掉 budget.kind', 'take budget.kind away']],
])('a budget of %j that %s feeds is refused, and it is said what to do', (budget, main, [zh, en]) => {
  expect(() => settingsOf(budget, main)).toThrow(
    expect.objectContaining({
      kind: 'wrong_usage',
      field: 'budget.kind',
      text: { zh: expect.stringContaining(main), en: expect.stringContaining(main) },
      hint: { zh: expect.stringContaining(zh), en: expect.stringContaining(en) },
    }),
  );
});
