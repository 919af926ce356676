import type { MethodName, Params, Result } from '../../protocol/methods.ts';
import { pause, pauses } from './connection/backoff.ts';
import type { Connection } from './connection/connection.ts';
import { openUnless } from './daemon/open-unless.ts';
import { isGone, isUnreachable, unreachable } from './daemon/unreachable.ts';
import type { Platform } from './platform.ts';

/** How long a call is made again after its connection was lost. */
const REPEAT_MS = 15_000;

/** The one connection of all calls of a program, opened by the first and opened again by the next once it has ended. */
export class KeptConnection {
  readonly #platform: Platform;
  readonly #mayStart: boolean;
  readonly #closing = new AbortController();
  #connecting: Promise<Connection> | undefined;

  constructor(platform: Platform, { mayStart }: { readonly mayStart: boolean }) {
    this.#platform = platform;
    this.#mayStart = mayStart;
  }

  get isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  /** Makes a call once. */
  async call<M extends MethodName>(method: M, params: Params<M>): Promise<Result<M>> {
    return await (await this.#connection()).call(method, params);
  }

  /** Makes a call, and makes it again for up to 15 s where its connection is lost: so a recording must carry its id. */
  async repeat<M extends MethodName>(method: M, params: Params<M>): Promise<Result<M>> {
    const deadline = Date.now() + REPEAT_MS;
    const waits = pauses(20, 1_000);
    let wasLost = false;
    for (;;) {
      let connection: Connection | undefined;
      try {
        connection = await this.#connection();
        return await connection.call(method, params);
      } catch (error) {
        // Without a daemon from the start there is nothing to wait for; after a loss one may be on its way back.
        wasLost ||= connection !== undefined && isGone(error);
        if (!wasLost || !isUnreachable(error) || Date.now() > deadline || this.isClosed) throw error;
      }
      await pause(waits.next().value, this.#closing.signal);
    }
  }

  /** Ends the connection, also one that is not open yet; calls that wait for an answer reject. */
  async close(): Promise<void> {
    this.#closing.abort();
    const connecting = this.#connecting;
    this.#connecting = undefined;
    const connection = await connecting?.catch(() => undefined);
    connection?.close();
  }

  async #connection(): Promise<Connection> {
    if (this.isClosed) throw closed();
    this.#connecting ??= this.#connect();
    const connecting = this.#connecting;
    try {
      const connection = await connecting;
      if (connection.isOpen) return connection;
    } catch (error) {
      this.#forget(connecting);
      throw error;
    }
    this.#forget(connecting);
    return await this.#connection();
  }

  async #connect(): Promise<Connection> {
    const { signal } = this.#closing;
    const connection = await openUnless(signal, this.#platform.connect({ mayStart: this.#mayStart, signal }));
    if (!connection) throw unreachable(signal.reason);
    return connection;
  }

  /** Unless another call has replaced it already. */
  #forget(connecting: Promise<Connection>): void {
    if (this.#connecting === connecting) this.#connecting = undefined;
  }
}

/** The error of a call after `close()`, which is a fault of the program. */
export function closed(): Error {
  return new Error('this TokenSyncManager is closed');
}
