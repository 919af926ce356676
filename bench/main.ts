// `npm run bench` measures all; `npm run bench -- record` the groups whose names hold that; `--json` is for machines.
import { clipboardBenches } from './clipboard-benches.ts';
import { crowdBenches } from './crowd-benches.ts';
import { dashboardBenches } from './dashboard-benches.ts';
import { dropBenches } from './drop-benches.ts';
import { estimateBenches } from './estimate-benches.ts';
import { estimateLoadBenches } from './estimate-load-benches.ts';
import { printBacktest } from './forecast-backtest.ts';
import { longHistoryBenches } from './long-history-benches.ts';
import { manySessionsBenches } from './many-sessions-benches.ts';
import { meterLiveBenches } from './meter-live-benches.ts';
import { packageBenches } from './package-benches.ts';
import { processBenches } from './process-benches.ts';
import { recordBenches } from './record-benches.ts';
import { judge, type Row, table } from './row.ts';
import { throughputBenches } from './throughput-benches.ts';
import { printVerdicts } from './verdict-backtest.ts';

const GROUPS: Readonly<Record<string, () => Promise<Row[]>>> = {
  record: recordBenches,
  throughput: throughputBenches,
  crowd: crowdBenches,
  drop: dropBenches,
  process: processBenches,
  'long-history': longHistoryBenches,
  'many-sessions': manySessionsBenches,
  package: packageBenches,
  estimate: estimateBenches,
  'estimate-load': estimateLoadBenches,
  clipboard: clipboardBenches,
  'meter-live': meterLiveBenches,
  dashboard: dashboardBenches,
};

const part = process.argv.slice(2).find((argument) => !argument.startsWith('--')) ?? '';
const isForMachines = process.argv.includes('--json');
const rows: Row[] = [];
for (const [name, run] of Object.entries(GROUPS)) {
  if (!name.includes(part)) continue;
  console.error(`${name} …`);
  rows.push(...(await run()));
}
console.log(isForMachines ? JSON.stringify(judge(rows)) : table(judge(rows)));
if (part === '' && !isForMachines) {
  printBacktest();
  printVerdicts();
}
process.exit();
