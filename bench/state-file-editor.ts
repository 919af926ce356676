// Loads, changes and saves the state file without a pause, each time with a member of its own: `WAY COUNT PATH`.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';

const [way = '', count = '0', path = ''] = process.argv.slice(2);
for (let edit = 0; edit < Number(count); edit++) {
  const state = load();
  state[`${way} ${edit}`] = edit;
  const text = JSON.stringify(state, undefined, 2);
  if (way === 'in place') writeFileSync(path, text);
  else {
    writeFileSync(`${path}.edit`, text);
    renameSync(`${path}.edit`, path);
  }
}

/** An editor never sees half of what the daemon writes, so a text that does not parse is a failure. */
function load(): Record<string, unknown> {
  return JSON.parse(readFileSync(path, 'utf8'));
}
