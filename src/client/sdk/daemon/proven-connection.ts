import type { Agent, RequestOptions } from 'node:http';
import { CHALLENGE_HEADER, HEALTH_PATH, PROOF_HEADER } from '../../../protocol/addresses.ts';
import type { DaemonAddress } from './daemon-address.ts';
import { type ExchangeOptions, exchange } from './http-exchange.ts';
import { anotherAnswers, unreachable } from './unreachable.ts';

/**
 * One TCP connection to the daemon of the address, for one call or one WebSocket, and never a second one: what has proved
 * itself on it is who hears all that follows. Throws `unreachable` where nobody is there, or somebody else; nothing but the
 * challenge has been sent then. An address without a proof is trusted, as its caller named it.
 */
export async function provenConnection({ url, proof }: DaemonAddress, options: ExchangeOptions = {}): Promise<Agent> {
  const agent = oneConnection();
  if (!proof) return agent;
  const headers = { [CHALLENGE_HEADER]: proof.challenge };
  try {
    const answer = await exchange(new URL(HEALTH_PATH, url), { method: 'HEAD', agent, headers }, options);
    if (answer.headers[PROOF_HEADER] !== proof.proof) throw anotherAnswers();
    return agent;
  } catch (error) {
    agent.destroy();
    throw error;
  }
}

function oneConnection(): Agent {
  // An import would evaluate every export of the module, one of which loads all of fetch: 35 ms of a person's time.
  const { Agent } = process.getBuiltinModule('node:http');
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const connect = agent.createConnection.bind(agent);
  let isMade = false;
  agent.createConnection = (options: RequestOptions, callback) => {
    if (!isMade) {
      isMade = true;
      return connect(options, callback);
    }
    // The connection broke, and the peer of a new one would have proved nothing.
    callback?.(unreachable(), undefined as never);
    return undefined;
  };
  agent.getName = () => 'the one';
  return agent;
}
