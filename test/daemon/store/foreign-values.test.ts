import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sessionTable } from '../../../src/client/cli/show/session-table.ts';
import { frameText, lineText } from '../../../src/client/cli/show/watch-view.ts';
import {
  countedOf,
  incrementOf,
  kindOf,
  timeOf,
  titleOf,
  usedOf,
} from '../../../src/client/dashboard/history/session-text.ts';
import { itemsOf } from '../../../src/client/dashboard/history/stream/event-stream.ts';
import { architectEvents, withEvents } from '../../../src/daemon/serve/architect-events.ts';
import { printJsonLine } from '../../../src/daemon/store/json/json-print.ts';
import type { JsonNode } from '../../../src/daemon/store/json/json-tree.ts';
import type { Session } from '../../../src/protocol/methods.ts';
import { csvRow } from '../../../src/shared/history-csv.ts';
import { flagTexts, isRestart } from '../../../src/shared/words/reading-remarks.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { MEMORY } from '../../support/scratch.ts';
import { arbitraryNode } from './arbitrary-json.ts';
import { nativeJson } from './json/native-json.ts';
import { OpenedStore } from './opened-store.ts';

/** The members of a session that readers look at, whichever program wrote it. */
const MEMBERS = [
  ...['timestamp', 'start_time', 'tokens', 'event', 'task', 'conversation_id', 'sync_type', 'method'],
  ...['total_used', 'reset', 'counted', 'flags', 'undone', 'session_id'],
];

/** Values that are no text and no figure, though they stand where one is read. */
const TRAPS = [
  '{"toString":1}',
  '{"toString":null,"valueOf":null}',
  '{"toJSON":1}',
  '{"length":1e9}',
  '[]',
  '[[{"toString":1}]]',
  '[null]',
  'null',
  'true',
  '5',
  '-7.5',
  '1e308',
  '1e999',
  '9007199254740991',
  '9007199254740993',
  '"x"',
  '""',
  '"9999-12-31T23:59:59-12:00"',
  '"1970-01-01"',
].map((text): JsonNode => ({ kind: 'literal', text }));

const anyValue = fc.oneof(fc.constantFrom(...TRAPS), arbitraryNode);
const anySession: fc.Arbitrary<JsonNode> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .uniqueArray(fc.tuple(fc.constantFrom(...MEMBERS), anyValue), { selector: ([key]) => key })
      .map((entries) => ({ kind: 'object' as const, entries })),
  },
  { weight: 1, arbitrary: anyValue },
);

/** Every form in which sessions are shown to a person or a program. */
function showEverywhere(sessions: readonly Session[], store: OpenedStore): void {
  for (const language of ['zh', 'en'] as const) {
    for (const width of [20, 80, undefined]) sessionTable(sessions, language, width);
    frameText({ usage: store.usage, sessions }, { columns: 60, rows: 30 }, language, 0);
    for (const session of sessions) {
      const { usage } = store;
      const change = { revision: 1, previous_revision: 0, mark: '', usage, session, cause: 'reading' } as const;
      lineText({ ...change, type: 'change' }, language);
    }
  }
  const told = {
    revision: 1,
    at: '2026-01-01T00:00:00.000Z',
    cause: 'reading',
    used: 1,
    total: 1,
    increment: 1,
  } as const;
  itemsOf({ changes: sessions.map((session) => ({ ...told, session })), alerts: [] }, []);
  for (const session of sessions) {
    csvRow(session);
    for (const read of [titleOf, timeOf, incrementOf, usedOf, countedOf, kindOf, isRestart]) read(session);
    flagTexts(session.flags);
  }
}

test('sessions of other programs with any values make no reader throw, and the history is whole', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anySession, { minLength: 1, maxLength: 6 }), anyValue, async (nodes, value) => {
      const folder = temporaryFolder(MEMORY);
      const opened = await OpenedStore.open(folder);
      try {
        await opened.record(100, { id: 'ours', event: 'mine' });
        const [ours] = opened.state().token_usage.sessions;
        const mine = JSON.stringify({ ...ours, note: 0 }).replace('"note":0', () => `"note":${printJsonLine(value)}`);
        const sessions = [mine, ...nodes.map(printJsonLine)].join(',');
        opened.write(opened.text().replace(/"sessions": \[[\s\S]*\n {4}\]/, () => `"sessions": [${sessions}]`));
        await opened.adopt();

        const { queries } = opened;
        const history = await opened.history();
        const told = nodes
          .filter(({ kind }) => kind === 'object')
          .map((node) => JSON.stringify(nativeJson(printJsonLine(node))));
        const shown = history.filter(({ id }) => id !== 'ours').map((session) => JSON.stringify(session));
        for (const text of new Set(told)) expect(shown).toContain(text);
        showEverywhere(history, opened);
        showEverywhere(opened.monitor.sessions(), opened);
        const plain = opened.state().token_usage.sessions;
        withEvents(opened.text(), architectEvents(plain));
        for (const query of ['x', 'MINE']) await queries.history({ query });
        expect((await queries.history({ query: 'MINE' })).sessions).toContainEqual(
          expect.objectContaining({ id: 'ours' }),
        );
        await queries.history({ sync_type: 'auto', conversation_id: 'x', since: '1970-01-01', until: '2026-01-01' });
        for (const bucket of ['hour', 'day', 'week', 'month'] as const) {
          for (const time_zone of ['Pacific/Kiritimati', 'UTC', 'America/Los_Angeles'])
            await queries.stats({ bucket, time_zone });
        }
        await queries.series({});
        await queries.conversations({});
        await queries.forecast();
        await queries.lastReading();
        queries.recordedTokens();
        await queries.estimateAccuracy();
      } finally {
        await opened.close();
      }
    }),
    { numRuns: 150 },
  );
});
