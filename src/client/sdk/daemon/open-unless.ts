import type { Connection } from '../connection/connection.ts';

/** The connection, or `undefined` as soon as it is not wanted any more; one that opens later is closed. */
export function openUnless(stop: AbortSignal, opening: Promise<Connection>): Promise<Connection | undefined> {
  return new Promise((resolve, reject) => {
    const leave = () => resolve(undefined);
    stop.addEventListener('abort', leave);
    const settle = () => stop.removeEventListener('abort', leave);
    opening.then(
      (connection) => {
        settle();
        if (stop.aborted) connection.close();
        resolve(connection);
      },
      (error) => {
        settle();
        reject(error);
      },
    );
  });
}
