import { writeSync } from 'node:fs';
import { LifeContext, scenarioOf, type Told } from './scenarios.ts';

/** The descriptor on which the harness hears a scenario. */
const TOLD_FD = 3;

const [name = '', life = '0', folder = ''] = process.argv.slice(2);
const scenario = scenarioOf(name);
await scenario.lives[Number(life)]!.run(new LifeContext(folder, scenario, tell));
// Nothing is tidied up: whatever must be on disk is there by now.
process.exit(0);

function tell(told: Told): void {
  writeSync(TOLD_FD, `${JSON.stringify(told)}\n`);
}
