import { DefaultDeserializer, DefaultSerializer } from 'node:v8';

const ARRAYS = [Uint8Array, Uint16Array, Uint32Array, Float64Array] as const;

/** An array of any of these begins at a multiple of this. */
const ALIGNMENT = 8;

/** Where the arrays begin, from the beginning of all. */
const HEAD_BYTES = 8;

/** A value with typed arrays in it as bytes, from which `fromFlatBytes` gives it back. */
export function toFlatBytes(value: unknown): Buffer {
  const writer = new FlatWriter();
  writer.writeHeader();
  writer.writeValue(value);
  const outline = writer.releaseBuffer();
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32LE(aligned(outline.length));
  return Buffer.concat([head, padded(outline), ...writer.arrays.map(padded)]);
}

/**
 * What `toFlatBytes` made bytes of. Its arrays lie in these bytes, without a copy, and stand as long as they do; they
 * must begin at a multiple of eight in their memory.
 */
export function fromFlatBytes(bytes: Buffer): unknown {
  const outlineEnd = HEAD_BYTES + bytes.readUInt32LE();
  const reader = new FlatReader(bytes.subarray(HEAD_BYTES, outlineEnd), bytes.subarray(outlineEnd));
  reader.readHeader();
  return reader.readValue();
}

class FlatWriter extends DefaultSerializer {
  readonly arrays: Uint8Array[] = [];
  #bytes = 0;

  // Node asks this for every typed array; each is told by its type, place and length.
  _writeHostObject(array: ArrayBufferView & { readonly length: number }): void {
    this.writeUint32(ARRAYS.findIndex((type) => array instanceof type));
    this.writeUint32(this.#bytes);
    this.writeUint32(array.length);
    this.arrays.push(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
    this.#bytes += aligned(array.byteLength);
  }
}

class FlatReader extends DefaultDeserializer {
  readonly #arrays: Buffer;

  constructor(outline: Buffer, arrays: Buffer) {
    super(outline);
    this.#arrays = arrays;
  }

  _readHostObject(): InstanceType<(typeof ARRAYS)[number]> {
    const type = ARRAYS[this.readUint32()]!;
    const start = this.#arrays.byteOffset + this.readUint32();
    return new type(this.#arrays.buffer as ArrayBuffer, start, this.readUint32());
  }
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

function padded(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(aligned(bytes.length));
  whole.set(bytes);
  return whole;
}
