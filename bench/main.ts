import { clipboardBenches } from './clipboard-benches.ts';
import { dashboardBenches } from './dashboard-benches.ts';
import { dropBenches } from './drop-benches.ts';
import { estimateBenches } from './estimate-benches.ts';
import { estimateLoadBenches } from './estimate-load-benches.ts';
import { printBacktest } from './forecast-backtest.ts';
import { processBenches } from './process-benches.ts';
import { recordBenches } from './record-benches.ts';

/** One row of the table: ours against a floor of the same run. */
export interface Row {
  readonly what: string;
  readonly ours: number;
  readonly floorName: string;
  readonly floor: number;
  readonly unit: string;
}

const GROUPS: Readonly<Record<string, () => Promise<Row[]>>> = {
  record: recordBenches,
  drop: dropBenches,
  process: processBenches,
  estimate: estimateBenches,
  'estimate-load': estimateLoadBenches,
  clipboard: clipboardBenches,
  dashboard: dashboardBenches,
};

// `npm run bench -- estimate` runs the groups whose names hold that.
const part = process.argv.slice(2).find((argument) => !argument.startsWith('--')) ?? '';
const rows: Row[] = [];
for (const [name, run] of Object.entries(GROUPS)) if (name.includes(part)) rows.push(...(await run()));
if (process.argv.includes('--json')) {
  console.log(JSON.stringify(rows.map((row) => ({ ...row, ratio: row.ours / row.floor }))));
} else {
  for (const { what, ours, floorName, floor, unit } of rows.toSorted((a, b) => b.ours / b.floor - a.ours / a.floor)) {
    const ratio = (ours / floor).toFixed(2).padStart(6);
    console.log(`${ratio} ×  ${what}: ${ours.toFixed(2)} ${unit}; ${floorName}: ${floor.toFixed(2)} ${unit}`);
  }
  if (part === '') printBacktest();
}
