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

const rows = [
  ...(await recordBenches()),
  ...(await dropBenches()),
  ...(await processBenches()),
  ...(await estimateBenches()),
  ...(await estimateLoadBenches()),
  ...(await clipboardBenches()),
  ...(await dashboardBenches()),
];
if (process.argv.includes('--json')) {
  console.log(JSON.stringify(rows.map((row) => ({ ...row, ratio: row.ours / row.floor }))));
} else {
  for (const { what, ours, floorName, floor, unit } of rows.toSorted((a, b) => b.ours / b.floor - a.ours / a.floor)) {
    const ratio = (ours / floor).toFixed(2).padStart(6);
    console.log(`${ratio} ×  ${what}: ${ours.toFixed(2)} ${unit}; ${floorName}: ${floor.toFixed(2)} ${unit}`);
  }
  printBacktest();
}
