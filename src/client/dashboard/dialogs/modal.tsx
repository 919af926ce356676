import './modal.css';
import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';

interface ModalProps {
  readonly title: string;
  /** Called when it has been closed, by whatever means; the focus is back where it was. */
  readonly onClosed: () => void;
  readonly children: (close: () => void) => ComponentChildren;
}

/** A dialog over the page for as long as it is rendered: Escape leaves it, and the focus returns. */
export function Modal({ title, onClosed, children }: ModalProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  // Before the next key: an Escape that comes at once is meant for the dialog.
  useLayoutEffect(() => {
    dialog.current?.showModal();
  }, []);
  const close = () => dialog.current?.close();
  return (
    <dialog ref={dialog} class="modal" aria-labelledby={titleId} onClose={onClosed}>
      <h2 id={titleId}>{title}</h2>
      {children(close)}
    </dialog>
  );
}
