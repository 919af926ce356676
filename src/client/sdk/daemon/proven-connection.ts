import type { Socket } from 'node:net';
import { CHALLENGE_HEADER, HEALTH_PATH, PROOF_HEADER } from '../../../protocol/addresses.ts';
import type { DaemonAddress } from './daemon-address.ts';
import { type ExchangeOptions, exchange } from './http-exchange.ts';
import { anotherAnswers } from './unreachable.ts';

/**
 * One TCP connection to the daemon of the address, for one call or one WebSocket: what has proved itself on it is who hears all
 * that follows. Throws `unreachable` where nobody is there, or somebody else; nothing but the challenge has been sent then. An
 * address without a proof is trusted, as its caller named it.
 */
export async function provenConnection(address: DaemonAddress, options: ExchangeOptions = {}): Promise<Socket> {
  const url = new URL(HEALTH_PATH, address.url);
  const socket = connectTo(url);
  if (!address.proof) return socket;
  const { challenge, proof } = address.proof;
  try {
    const answer = await exchange(socket, { method: 'HEAD', url, headers: { [CHALLENGE_HEADER]: challenge } }, options);
    if (answer.headers.get(PROOF_HEADER) !== proof) throw anotherAnswers();
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

function connectTo({ hostname, port }: URL): Socket {
  const { connect } = process.getBuiltinModule('node:net');
  const socket = connect({ host: hostname.replace(/^\[(.+)\]$/, '$1'), port: Number(port || 80), noDelay: true });
  // Whoever uses it hears of a failure by what it asks for, and between two uses nobody does.
  return socket.on('error', () => socket.destroy());
}
