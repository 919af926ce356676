import { naiveJudge } from '../support/worlds/judges.ts';
import { oldRules } from '../support/worlds/old-rules.ts';
import { monthsOf, verdictOn } from '../support/worlds/run.ts';
import { COUNTERS } from '../support/worlds/counters.ts';
import { CONVERSATIONS } from '../support/worlds/conversations.ts';
const seeds = Number(process.argv[2] ?? 5);
for (const world of [...COUNTERS, ...CONVERSATIONS]) {
  const t = performance.now();
  const months = monthsOf(world, seeds);
  const old = verdictOn(months, oldRules);
  const ours = verdictOn(months, naiveJudge);
  const f = (v: typeof old) => `${v.median.toFixed(1)} (p90 ${v.high.toFixed(0)}) F${v.falseResets}`;
  console.log(world.name.padEnd(34), String(world.found?.old ?? '–').padStart(5), f(old).padEnd(26), String(world.found?.ours ?? '–').padStart(5), f(ours).padEnd(26), `${months[0]!.entries.length} ${(performance.now() - t).toFixed(0)}ms ${(months[0]!.used/1e6).toFixed(1)}M`);
}
