import 'uplot/dist/uPlot.min.css';
import './history.css';
import './history-table.css';
import { signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { link, onCatchUp, onChange, sessions, usage } from '../state.ts';
import { BarsPanel } from './bars.tsx';
import { createChangeQueue } from './change-queue.ts';
import { ConversationsPanel } from './conversations.tsx';
import { itemsOf, type StreamItem, withChanges } from './event-stream.ts';
import { SessionsPanel } from './sessions-panel.tsx';
import { StreamPanel } from './stream-panel.tsx';
import { createTableModel } from './table-model.ts';
import { createUsageModel } from './usage-model.ts';
import { UsagePanel } from './usage-panel.tsx';

/** The past: usage over time, by day and by conversation, what happens, and every session. */
export function History() {
  const parts = useMemo(createParts, []);
  useEffect(() => parts.start(), [parts]);
  const { usageModel, tableModel, stream } = parts;
  return (
    <div class="history">
      <UsagePanel model={usageModel} />
      <BarsPanel model={usageModel} />
      <ConversationsPanel
        model={usageModel}
        chosen={tableModel.state.value.filter.conversation}
        onChoose={(conversation) => tableModel.act({ type: 'filter', filter: { conversation } })}
      />
      <SessionsPanel model={tableModel} />
      <StreamPanel items={stream.value} />
    </div>
  );
}

/** The clock on the plot goes on so often when nothing happens. */
const TICK_MS = 30_000;

function createParts() {
  const usageModel = createUsageModel();
  const tableModel = createTableModel();
  const stream = signal<readonly StreamItem[]>([]);

  function start(): () => void {
    // Before the first change the stream shows what the state holds, and after it no more than what has come.
    let used = usage.peek()?.used;
    let hasBegun = false;
    const stopFirst = sessions.subscribe((list) => {
      if (hasBegun) return;
      stream.value = itemsOf(list);
      used = usage.peek()?.used;
    });
    const queue = createChangeQueue((changes, hasGap) => {
      stream.value = withChanges(stream.value, changes, hasGap ? undefined : used);
      used = changes.at(-1)?.usage.used;
      usageModel.take(changes, hasGap);
      for (const change of changes) tableModel.act({ type: 'changed', change });
      if (hasGap) tableModel.act({ type: 'missed' });
    });
    const stops = [
      stopFirst,
      onChange((change) => {
        // From now on the sessions hold what the queue is still to hand on.
        hasBegun = true;
        queue.put(change);
      }),
      onCatchUp(() => {
        hasBegun = false;
        usageModel.refresh();
        tableModel.act({ type: 'missed' });
      }),
      link.subscribe(({ state }) => {
        if (state !== 'live') return;
        usageModel.retry();
        tableModel.retry();
      }),
      tableModel.start(),
      queue.stop,
      usageModel.stop,
      startClock(usageModel.tick),
    ];
    usageModel.load();
    return () => {
      for (const stop of stops) stop();
    };
  }

  return { usageModel, tableModel, stream, start };
}

function startClock(tick: () => void): () => void {
  const timer = setInterval(tick, TICK_MS);
  return () => clearInterval(timer);
}
