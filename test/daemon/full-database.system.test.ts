import { expect, test } from 'vitest';
import { startDaemon } from '../support/daemon.ts';

/** In KiB; the ledger of some readings is smaller than each, and the history's log grows beyond them one after the other. */
const LIMITS = [64, 120, 140, 500];

test.each(LIMITS)(
  'a daemon whose history finds no more room than %i KiB records on and answers as ever',
  async (kib) => {
    const daemon = await startDaemon({ under: `trap "" XFSZ; ulimit -f ${kib}` });
    for (let at = 0; at < 50; at++) {
      const receipt = await daemon.rpc('usage.record', { tokens: 1, sync_type: 'auto', id: `r${at}` });
      expect(receipt).toMatchObject({ total_used: at + 1 });
    }
    const sessions = Array.from({ length: 100 }, (_, at) => ({ tokens: 1, id: `i${at}` }));
    expect(await daemon.rpc('usage.import', { sessions })).toMatchObject({ imported_count: 100 });
    expect(await daemon.rpc('usage.record', { tokens: 1, sync_type: 'auto', id: 'r7' })).toMatchObject({
      duplicate: true,
    });
    expect(await daemon.rpc('usage.undo', { id: 'u' })).toMatchObject({ total_used: 149 });

    const page = await daemon.rpc('usage.history', { limit: 200 });
    expect(page.sessions.map(({ id }) => id)).toEqual([
      ...sessions.map(({ id }) => id).reverse(),
      ...Array.from({ length: 50 }, (_, at) => `r${49 - at}`),
    ]);
    expect(await daemon.rpc('usage.sum')).toMatchObject({ readings: 149, tokens: 149 });
    expect((await daemon.stop()).code).toBe(0);
  },
);
