/** What is behind a failure of a database: somebody else has the database, the disk has no room for it, or it is of no use. */
export type Fault = 'busy' | 'room' | 'damaged';

/** A failure of a database that is told by others than SQLite. */
export class DatabaseFault extends Error {
  readonly fault: Fault;

  constructor(message: string, fault: Fault = 'damaged') {
    super(message);
    this.fault = fault;
  }
}

/** A newer version has made the database: of no use to us, and of use to that one. */
export class LaterForm extends DatabaseFault {
  constructor() {
    super('it has a later form');
  }
}

/** The fault behind an error; `undefined` where it is none of the database, as when the ledger cannot be read. */
export function faultOf(error: unknown): Fault | undefined {
  if (error instanceof DatabaseFault) return error.fault;
  const { code, errcode = 0 } = (error ?? {}) as { readonly code?: string; readonly errcode?: number };
  if (code !== 'ERR_SQLITE_ERROR') return undefined;
  // The low byte tells the kind: https://www.sqlite.org/rescode.html
  return FAULTS.get(errcode & 0xff) ?? 'damaged';
}

const FAULTS = new Map<number, Fault>([
  [5, 'busy'],
  [6, 'busy'],
  [13, 'room'],
]);
