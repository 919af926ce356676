import { WebSocket } from 'ws';

/** A WebSocket that speaks JSON-RPC; an error as an answer ends the bench. */
export async function connectRpc(url: string) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/rpc`);
  await new Promise((resolve) => socket.once('open', resolve));
  const waiting = new Map<number, (value: unknown) => void>();
  let id = 0;
  socket.on('message', (data) => {
    const answer = JSON.parse(String(data)) as { id: number; error?: unknown };
    if (answer.error) throw new Error(String(data));
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  return {
    call: (method: string, params: object) =>
      new Promise((resolve) => {
        waiting.set(++id, resolve);
        socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
      }),
    close: () => socket.close(),
  };
}
