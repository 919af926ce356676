import { join } from 'node:path';
import { HISTORY_FILE } from '../../protocol/addresses.ts';
import type { Warnings } from '../process/warnings.ts';
import { EditViews } from './edits/edit-views.ts';
import type { Connection } from './index/connection.ts';
import { HistoryIndex } from './index/history-index.ts';
import { knownTo, openHistory } from './index/open-history.ts';
import { checkpointOf } from './ledger/checkpoint.ts';
import { Ledger } from './ledger/ledger.ts';
import { idsIn } from './ledger/recover.ts';
import { Segments } from './ledger/segments.ts';
import { firstView, mendedView, Replay } from './replay.ts';
import { StateFile } from './state-file/state-file.ts';

export interface OpeningOptions {
  /** The data folder, which exists. */
  readonly folder: string;
  readonly stateFile: string;
  readonly warnings: Warnings;
  readonly maxSegmentBytes?: number;
  readonly now?: () => number;
}

/** Opens what a store is made of: the ledger is read and mended first, then the history is brought up to it. Throws `storage_failed`. */
export async function openParts({ folder, stateFile, warnings, maxSegmentBytes, now = Date.now }: OpeningOptions) {
  const file = new StateFile(stateFile);
  const content = file.read();
  const replay = new Replay();
  const segments = new Segments(join(folder, 'ledger'));
  const about = { path: join(folder, HISTORY_FILE), segments, warnings, now };
  let connection: Connection | undefined;
  const ledger = await Ledger.open(segments, {
    ...(maxSegmentBytes !== undefined && { maxSegmentBytes }),
    onWarning: ({ code, zh, en }) => warnings.raise(code, { zh, en }),
    now,
    onReplay: (line) => replay.add(line),
    knownTo: () => {
      connection = openHistory(about);
      return knownTo(connection);
    },
  });
  let views = replay.views(firstView(content, now()));
  if (ledger.hasLoss && !ledger.isEmpty) {
    views = new EditViews(mendedView(views.latest, content, (ids) => idsIn(segments, ids)));
  }
  // After damage too: the next start must not depend on what was lost.
  if (ledger.needsMending) {
    const mark = await ledger.mend(checkpointOf(views.latest));
    if (views.latest.mark === '') views = new EditViews({ ...views.latest, mark });
    // The history may know what was damaged, or where its lines lay before.
    connection!.close();
    connection = openHistory(about);
  }
  const history = await HistoryIndex.open(connection!, ledger, about);
  segments.removeCaches();
  ledger.tell({
    add: (scanned, segment, outcomes) => history.add(scanned, segment, outcomes),
    countOf: (id) => history.countOf(id),
    isTotalNamed: () => history.isTotalNamed,
  });
  return { file, ledger, history, views, replay };
}
