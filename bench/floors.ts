import { closeSync, fdatasyncSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { dirname, join } from 'node:path';

const STATE_BYTES = Buffer.alloc(20_000, 'x');
const LINE_BYTES = Buffer.alloc(400, 'y');

/** The floor of a durable record: one append made durable, and one file of 20 KB replaced durably. */
export function durableFloor(folder: string): () => void {
  const ledger = openSync(join(folder, 'floor.jsonl'), 'a');
  const target = join(folder, 'floor.json');
  return () => {
    writeSync(ledger, LINE_BYTES);
    fdatasyncSync(ledger);
    const temporary = `${target}.tmp`;
    const file = openSync(temporary, 'w');
    writeSync(file, STATE_BYTES);
    fsyncSync(file);
    closeSync(file);
    renameSync(temporary, target);
    const parent = openSync(dirname(target), 'r');
    fsyncSync(parent);
    closeSync(parent);
  };
}

/** A bare TCP echo over loopback: what a question and its answer cost at least. */
export async function tcpEcho(): Promise<{ ask(text: string): Promise<void>; close(): void }> {
  const server = createServer((socket) => socket.setNoDelay(true).pipe(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const socket: Socket = connect((server.address() as { port: number }).port, '127.0.0.1').setNoDelay(true);
  await new Promise((resolve) => socket.once('connect', resolve));
  return {
    ask: (text) =>
      new Promise((resolve) => {
        socket.once('data', () => resolve());
        socket.write(text);
      }),
    close() {
      socket.destroy();
      server.close();
    },
  };
}
