import { readSync } from 'node:fs';
import { createZstdDecompress, type ZstdDecompress } from 'node:zlib';

/** Of compressed bytes, which are some ten times as many when plain. */
const STEP = 64 * 1024;

/**
 * The plain bytes of the first `size` bytes of an open `.zst` file, in pieces. Throws the error of zlib where a frame is cut
 * or broken, after everything before that place.
 */
export async function* zstChunks(fd: number, size: number): AsyncGenerator<Buffer, void, undefined> {
  // A decompressor ends with its frame, whatever follows it: one for each, from where the one before stopped.
  for (let position = 0; position < size; ) {
    const decompress = createZstdDecompress();
    const fed = feed(decompress, fd, position, size).catch((error) => decompress.destroy(error));
    try {
      yield* decompress as AsyncIterable<Buffer>;
    } finally {
      decompress.destroy();
      await fed;
    }
    position += decompress.bytesWritten;
  }
}

async function feed(decompress: ZstdDecompress, fd: number, position: number, size: number): Promise<void> {
  const isOver = () => decompress.readableEnded || decompress.destroyed;
  for (let at = position; at < size && !isOver(); ) {
    const chunk = Buffer.allocUnsafe(Math.min(STEP, size - at));
    const length = readSync(fd, chunk, 0, chunk.length, at);
    if (length === 0) break;
    at += length;
    if (!decompress.write(chunk.subarray(0, length))) await untilWritable(decompress);
  }
  if (!isOver()) decompress.end();
}

const STIRS = ['drain', 'end', 'close'] as const;

function untilWritable(decompress: ZstdDecompress): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      for (const event of STIRS) decompress.off(event, done);
      resolve();
    };
    for (const event of STIRS) decompress.on(event, done);
  });
}
