import 'uplot/dist/uPlot.min.css';
import './history.css';
import './table/history-table.css';
import { effect } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { link, onAlert, onCatchUp, onChange, sessions } from '../live/state.ts';
import { noteInstants } from '../live/time-zone.ts';
import { MetersPanel } from '../meters/meters-panel.tsx';
import { ConversationsPanel } from './conversations.tsx';
import { BarsPanel } from './plot/bars.tsx';
import { createUsageModel } from './plot/usage-model.ts';
import { UsagePanel } from './plot/usage-panel.tsx';
import { createChangeQueue } from './stream/change-queue.ts';
import { createStreamModel } from './stream/stream-model.ts';
import { StreamPanel } from './stream/stream-panel.tsx';
import { SessionsPanel } from './table/sessions-panel.tsx';
import { createTableModel } from './table/table-model.ts';

/** The past: usage over time, by day and by conversation, the event stream, and every reading; with the live meters. */
export function History() {
  const parts = useMemo(createParts, []);
  useEffect(() => parts.start(), [parts]);
  const { usageModel, tableModel, streamModel } = parts;
  // Before the first reading there is nothing to compare. Until the daemon has answered, the page's own sessions tell.
  const isAnswered = usageModel.status.value === 'ready';
  const hasPast = usageModel.points.value.length > 0 || (!isAnswered && sessions.value.length > 0);
  return (
    <div class="history">
      <UsagePanel model={usageModel} />
      {hasPast && <BarsPanel model={usageModel} />}
      {hasPast && (
        <ConversationsPanel
          model={usageModel}
          chosen={tableModel.state.value.filter.conversation}
          onChoose={(conversation) => {
            // The table lists the readings that the sum beside it counts.
            if (conversation !== '') usageModel.keepRange();
            tableModel.act({ type: 'filter', filter: { conversation } });
          }}
        />
      )}
      <MetersPanel />
      <SessionsPanel model={tableModel} usageModel={usageModel} />
      <StreamPanel items={streamModel.items.value} />
    </div>
  );
}

/** The clock on the plot goes on so often when nothing happens. */
const TICK_MS = 30_000;

function createParts() {
  const usageModel = createUsageModel();
  const tableModel = createTableModel();
  const streamModel = createStreamModel();

  function start(): () => void {
    const queue = createChangeQueue((changes, hasGap) => {
      streamModel.take(changes);
      usageModel.take(changes, hasGap);
      noteInstants(changes.map(({ session, at }) => ({ id: session?.id, at })));
      for (const change of changes) tableModel.act({ type: 'changed', change });
      if (hasGap) tableModel.act({ type: 'missed' });
    });
    const stops = [
      onChange(queue.put),
      onAlert(streamModel.refresh),
      onCatchUp((isFirst) => {
        if (isFirst) streamModel.refresh();
        else streamModel.renew();
        usageModel.refresh();
        tableModel.act({ type: 'missed' });
      }),
      link.subscribe(({ state }) => {
        if (state !== 'live') return;
        streamModel.retry();
        usageModel.retry();
        tableModel.retry();
      }),
      tableModel.start(),
      // One stretch of time for all of the page.
      effect(() => {
        const { since, until } = usageModel.span.value ?? { since: '', until: '' };
        const { filter } = tableModel.state.peek();
        if (filter.since !== since || filter.until !== until)
          tableModel.act({ type: 'filter', filter: { since, until } });
      }),
      queue.stop,
      streamModel.stop,
      usageModel.stop,
      startClock(usageModel.tick),
    ];
    streamModel.refresh();
    usageModel.load();
    return () => {
      for (const stop of stops) stop();
    };
  }

  return { usageModel, tableModel, streamModel, start };
}

function startClock(tick: () => void): () => void {
  const timer = setInterval(tick, TICK_MS);
  return () => clearInterval(timer);
}
