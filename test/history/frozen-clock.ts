import { openSync, readSync } from 'node:fs';

/**
 * Loaded into a daemon by `--import`: its clock stands at the milliseconds that the file `FROZEN_CLOCK` holds, until
 * somebody writes others, so that every instant in its answers is known beforehand. Timers and deadlines go on.
 */
const path = process.env.FROZEN_CLOCK;
if (path !== undefined) freeze(path);

function freeze(file: string): void {
  const fd = openSync(file, 'r');
  const bytes = Buffer.alloc(16);
  let nowMs = 0;
  const now = (): number => {
    const length = readSync(fd, bytes, 0, bytes.length, 0);
    const told = Number(bytes.toString('latin1', 0, length));
    // Between its truncation and its writing the file is empty.
    if (told > 0) nowMs = told;
    return nowMs;
  };
  const RealDate = Date;
  const FrozenDate = function (this: unknown, ...args: []) {
    if (!new.target) return new RealDate(now()).toString();
    return args.length === 0 ? new RealDate(now()) : new RealDate(...args);
  };
  Object.setPrototypeOf(FrozenDate, RealDate);
  globalThis.Date = Object.assign(FrozenDate, { prototype: RealDate.prototype, now }) as unknown as DateConstructor;
}
