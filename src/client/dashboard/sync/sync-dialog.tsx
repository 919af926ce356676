import './sync.css';
import { signal } from '@preact/signals';
import { t } from '../language.ts';
import { Modal } from '../modal.tsx';
import { SyncForm } from './sync-form.tsx';

/** What the dialog is opened with. */
export interface SyncStart {
  readonly value: string;
  readonly isPasted: boolean;
}

const start = signal<SyncStart | undefined>(undefined);

/** Opens the dialog, unless it is open. */
export function openSync(from: SyncStart = { value: '', isPasted: false }): void {
  start.value ??= from;
}

/** Takes a value and what it was used for. */
export function SyncDialog() {
  const from = start.value;
  if (!from) return null;
  return (
    <Modal title={t(TITLE)} onClosed={() => (start.value = undefined)}>
      {(close) => <SyncForm start={from} close={close} />}
    </Modal>
  );
}

const TITLE = { zh: '同步 Token', en: 'Sync tokens' };
