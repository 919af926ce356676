import type { Params } from '../../protocol/methods.ts';
import type { LiveMeters } from '../meters/live/live-meters.ts';
import type { Subscriber } from '../subscribers.ts';
import { needsSocket } from './needs-socket.ts';

interface MeterServices {
  readonly meters: LiveMeters;
}

/** The part of a caller that matters here. */
interface Peer {
  readonly subscriber?: Subscriber;
  readonly signal: AbortSignal;
}

/** The methods of live meters. */
export const METER_COMMANDS = {
  'meters.get': getMeters,
  'meters.subscribe': subscribeMeters,
  'meters.unsubscribe': unsubscribeMeters,
  'meters.stats': meterStats,
  'meters.report': reportMeters,
};

function getMeters({ meters }: MeterServices) {
  return meters.get();
}

function subscribeMeters(
  { meters }: MeterServices,
  { since_seq }: Params<'meters.subscribe'>,
  { subscriber, signal }: Peer,
) {
  if (!subscriber) throw needsSocket();
  signal.throwIfAborted();
  return meters.subscribe(subscriber, since_seq);
}

function unsubscribeMeters({ meters }: MeterServices, _: Params<'meters.unsubscribe'>, { subscriber }: Peer) {
  if (subscriber) meters.unsubscribe(subscriber);
  return {};
}

function meterStats({ meters }: MeterServices, params: Params<'meters.stats'>) {
  return meters.stats(params);
}

function reportMeters({ meters }: MeterServices, params: Params<'meters.report'>) {
  meters.report(params);
  return {};
}
