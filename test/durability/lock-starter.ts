import { createInterface } from 'node:readline';
import { type InstanceLock, lockFolder } from '../../src/daemon/store/instance-lock.ts';

const held: InstanceLock[] = [];

// Each line says what to do; what was taken is kept until the process ends, or is told to give it back.
for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${line === 'free' ? free() : take(line.replace('take ', ''))}\n`);
}

function take(folder: string): string {
  const lock = lockFolder(folder);
  if (lock) held.push(lock);
  return lock ? 'owner' : 'refused';
}

function free(): string {
  for (const lock of held.splice(0)) lock.release();
  return 'free';
}
