import { join } from 'node:path';
import { expect, test } from 'vitest';
import { spawnSync } from '../support/programs.ts';

const root = join(import.meta.dirname, '../..');

function run(script: string, ...args: string[]) {
  return spawnSync(process.execPath, [join(root, 'bench', script), ...args], { encoding: 'utf8' });
}

// Whether a bar holds is for the bench to say, on a machine that does nothing else.
test('the bench measures a group alone, for people and for machines', () => {
  const { status, stdout } = run('main.ts', 'record', '--json');
  expect(status).toBe(0);
  const rows = JSON.parse(stdout) as {
    what: string;
    ours: number;
    floor_ratio: number;
    bar: string | null;
    holds: boolean | null;
  }[];
  expect(rows.map(({ what }) => what).sort()).toEqual([
    '100 concurrent durable records, to the last receipt',
    'one durable record over WebSocket',
    'one durable record over WebSocket, p99',
  ]);
  for (const { ours, floor_ratio, bar, holds } of rows) {
    expect(ours).toBeGreaterThan(0);
    expect(floor_ratio).toBeGreaterThan(0);
    expect(typeof holds).toBe(bar === null ? 'object' : 'boolean');
  }
});

test('the limits are measured for crowds of any size', () => {
  const { status, stdout } = run('limits.ts', '2');
  expect(status).toBe(0);
  const [, , line, ...others] = stdout.trim().split('\n');
  expect(line).toMatch(/^\| 2 \| [\d,]+ \| [\d,]+ \| \d+ ms \| \d+ % of a core \| \d+ MiB \|$/);
  expect(others).toEqual([]);
});
