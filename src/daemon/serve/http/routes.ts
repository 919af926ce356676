import { TokenSyncError } from '../../../protocol/errors.ts';
import type { HttpAnswer, HttpCall } from './http-answer.ts';

export interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  handle(call: HttpCall): Promise<HttpAnswer> | HttpAnswer;
}

/** The path of a request target, and its query; no target makes this throw. */
export function splitTarget(target: string): { path: string; query: URLSearchParams } {
  const question = target.indexOf('?');
  if (question === -1) return { path: target, query: new URLSearchParams() };
  return { path: target.slice(0, question), query: new URLSearchParams(target.slice(question + 1)) };
}

/** The route of a request; throws `no_such_path` or `wrong_method`. */
export function findRoute(routes: readonly Route[], method: string, path: string): Route {
  const here = routes.filter((route) => route.path === path);
  const route = here.find((candidate) => candidate.method === (method === 'HEAD' ? 'GET' : method));
  if (route) return route;
  if (here.length === 0) {
    throw new TokenSyncError('no_such_path', { zh: '没有这个地址', en: 'there is nothing at this address' });
  }
  const allowed = methodsAt(routes, path).join(', ');
  throw new TokenSyncError('wrong_method', {
    zh: `此地址只接受 ${allowed}`,
    en: `this address takes ${allowed} only`,
  });
}

/** The methods that a path takes. */
export function methodsAt(routes: readonly Route[], path: string): string[] {
  const methods = routes.filter((route) => route.path === path).map(({ method }) => method);
  return methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
}
