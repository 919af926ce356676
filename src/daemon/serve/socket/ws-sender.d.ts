import 'ws';

declare module 'ws' {
  /** Exported by the library, and not known to its published types. */
  export const Sender: {
    /** The head of a frame and its payload. */
    frame(data: Buffer, options: FrameOptions): Buffer[];
  };

  interface FrameOptions {
    readonly fin: boolean;
    readonly opcode: number;
    readonly mask: boolean;
    /** False where the data may be masked in place. */
    readonly readOnly: boolean;
    readonly rsv1: boolean;
  }
}
