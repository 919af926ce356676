import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';

/** The statements of one connection, each prepared when it is first needed. */
export class Statements {
  readonly #db: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** Answers how many rows have changed. */
  run(sql: string, ...values: SQLInputValue[]): number {
    return this.#of(sql).run(...values).changes as number;
  }

  /** The first row. */
  get<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#of(sql).get(...values) as unknown as Row | undefined;
  }

  all<Row>(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#of(sql).all(...values) as unknown as Row[];
  }

  /** The rows of a statement whose values have names. */
  allBy<Row>(sql: string, values: Readonly<Record<string, SQLInputValue>>): Row[] {
    return this.#of(sql).all(values) as unknown as Row[];
  }

  /** The rows of a statement as arrays, which is asked for nothing else. */
  arrays<Row>(sql: string, ...values: SQLInputValue[]): Row[] {
    const statement = this.#of(sql);
    statement.setReturnArrays(true);
    return statement.all(...values) as unknown as Row[];
  }

  /** Row by row; the same statement must not be asked again meanwhile. */
  iterate<Row>(sql: string, ...values: SQLInputValue[]): Iterable<Row> {
    return this.#of(sql).iterate(...values) as Iterable<unknown> as Iterable<Row>;
  }

  #of(sql: string): StatementSync {
    const known = this.#prepared.get(sql);
    if (known) return known;
    const statement = this.#db.prepare(sql);
    this.#prepared.set(sql, statement);
    return statement;
  }
}
