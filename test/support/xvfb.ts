import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { has, needs } from './needs.ts';
import { XServer, type XServerOptions } from './x-server.ts';

const TOOLS = ['Xvfb', 'xclip'] as const;

/** An X server that ends with the test, which is skipped where there is none. */
export async function startXvfb(options: XServerOptions = {}): Promise<XServer> {
  const server = await XServer.start(options);
  onTestFinished(() => server.end());
  return server;
}

/** One X server for all the tests of a file or a `describe`; those that ask for it are skipped where there is none. */
export function useXvfb(): () => XServer {
  let server: XServer | undefined;
  beforeAll(async () => {
    if (TOOLS.every(has)) server = await XServer.start();
  });
  afterAll(() => server?.end());
  return () => {
    needs(...TOOLS);
    if (!server) throw new Error('the X server starts with the first test');
    return server;
  };
}
