/** Tells of changes of the clipboard until it has ended. */
export interface ClipboardChanges {
  /** By which way, for the log. */
  readonly via: string;
  readonly ended: Promise<void>;
  close(): void;
}
