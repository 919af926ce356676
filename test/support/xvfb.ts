import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { XServer, type XServerOptions } from './x-server.ts';

/** An X server that ends with the test. */
export async function startXvfb(options: XServerOptions = {}): Promise<XServer> {
  const server = await XServer.start(options);
  onTestFinished(() => server.end());
  return server;
}

/** One X server for all the tests of a file or a `describe`. */
export function useXvfb(): () => XServer {
  let server: XServer | undefined;
  beforeAll(async () => {
    server = await XServer.start();
  });
  afterAll(() => server?.end());
  return () => {
    if (!server) throw new Error('the X server starts with the first test');
    return server;
  };
}
