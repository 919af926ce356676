import { describe, expect, test } from 'vitest';
import { InputRoom, type Sender } from '../../../../src/daemon/serve/limits/input-room.ts';
import { until } from '../../../support/until.ts';

const MIB = 1024 * 1024;

/** A room of 8 MiB, in which two have a place, and what became of each sender. */
function room(maxLooseBytes = MIB) {
  const input = new InputRoom(8 * MIB, maxLooseBytes);
  return (isHeldUp = () => false) => {
    const told: string[] = [];
    const sender: Sender = {
      pause: () => told.push('pause'),
      resume: () => told.push('resume'),
      isHeldUp,
      giveUp: () => told.push('give up'),
    };
    return { told, share: input.share(sender) };
  };
}

describe('the room for what all send', () => {
  test('senders without a place are not read until another has ended its message, in order', async () => {
    const join = room();
    const [first, second, third, fourth] = [join(), join(), join(), join()];
    for (const { share } of [first, second, third, fourth]) share.receive(100_000);
    expect([first.told, second.told, third.told, fourth.told]).toEqual([[], [], ['pause'], ['pause']]);

    first.share.receive(0);

    await until(() => third.told.includes('resume'), 'the third is read');
    expect(third.share.mustWait).toBe(false);
    expect(fourth.told).toEqual(['pause']);
  });

  test('a sender that does not go on gives its place up while others wait, and one that goes on keeps it', async () => {
    const join = room();
    const [stuck, busy, waiting] = [join(), join(), join()];
    for (const { share } of [stuck, busy, waiting]) share.receive(100_000);
    let bytes = 100_000;
    const going = setInterval(() => {
      bytes += 20_000;
      busy.share.receive(bytes);
    }, 5);

    await until(() => waiting.told.includes('resume'), 'the one that waits is read');

    clearInterval(going);
    expect(stuck.told).toEqual(['give up']);
    expect(busy.told).toEqual([]);
  });

  test('a sender that goes on by a byte now and then gives its place up as well', async () => {
    const join = room();
    const [trickling, other, waiting] = [join(), join(), join()];
    for (const { share } of [trickling, other, waiting]) share.receive(100_000);
    let bytes = 100_000;
    const going = setInterval(() => {
      if (trickling.told.length === 0) trickling.share.receive(++bytes);
    }, 5);

    await until(() => trickling.told.length > 0, 'it gives up');

    clearInterval(going);
    expect(trickling.told).toEqual(['give up']);
    expect(waiting.told).not.toContain('give up');
  });

  test('a blocked event loop costs no sender its place', async () => {
    const join = room();
    const [first, second, waiting] = [join(), join(), join()];
    for (const { share } of [first, second, waiting]) share.receive(100_000);

    const endMs = performance.now() + 1_500;
    while (performance.now() < endMs);
    await new Promise(setImmediate);
    await new Promise(setImmediate);

    expect([first.told, second.told, waiting.told]).toEqual([[], [], ['pause']]);
  });

  test('a sender that is not read for reasons of its own keeps its place', async () => {
    const join = room();
    const [heldUp, stuck, waiting] = [join(() => true), join(), join()];
    for (const { share } of [heldUp, stuck, waiting]) share.receive(100_000);

    await until(() => stuck.told.length > 0, 'the other gives up');

    expect(heldUp.told).toEqual([]);
  });

  test('no sender is given up as long as nobody waits', async () => {
    const join = room();
    const [first, second, small] = [join(), join(), join()];
    first.share.receive(4 * MIB);
    second.share.receive(4 * MIB);
    small.share.receive(60_000);

    expect([first.told, second.told, small.told]).toEqual([[], [], []]);
  });

  test('a sender of whole messages is not read while all of them are too much, and read again when they are answered', async () => {
    const join = room();
    const [first, second, third] = [join(), join(), join()];
    first.share.answering(5 * MIB);
    second.share.answering(3.5 * MIB);
    third.share.receive(100_000);
    expect([first.told, second.told, third.told]).toEqual([[], ['pause'], ['pause']]);

    first.share.answering(0);

    await until(() => third.told.includes('resume'), 'the third is read');
    expect(second.told).toEqual(['pause', 'resume']);
  });

  test('the first pieces of senders that wait are bounded too', () => {
    const join = room(300_000);
    const all = Array.from({ length: 6 }, () => join());

    for (const { share } of all) share.receive(100_000);

    expect(all.filter(({ told }) => told.includes('give up'))).toHaveLength(1);
  });
});
