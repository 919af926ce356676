import { notADaemon } from './unreachable.ts';

/** An answer's head, and the line before a part of its body, are never longer. */
const MAX_HEAD_BYTES = 16 * 1024;

/** Several answers together are 16 Mi characters and one answer more (PROTOCOL.md), of at most three bytes each. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

const BEGINNING = 'HTTP/1.';
const END_OF_HEAD = '\r\n\r\n';

export interface HttpAnswer {
  /** By names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
}

/**
 * An answer over HTTP/1 as its bytes come: a body is as long as the head tells, comes in parts (RFC 9112, 7.1), or ends with the
 * connection. Throws `unreachable` for what no daemon says, as soon as that shows.
 */
export class AnswerReader {
  readonly #isHead: boolean;
  #head = Buffer.alloc(0);
  #headers: ReadonlyMap<string, string> = new Map();
  #body: Body | undefined;

  /** `isHead` for the answer to HEAD, which has no body. */
  constructor(isHead: boolean) {
    this.#isHead = isHead;
  }

  /** The answer, once these bytes have made it whole. */
  add(chunk: Buffer): HttpAnswer | undefined {
    let bytes = chunk;
    if (!this.#body) {
      this.#head = Buffer.concat([this.#head, chunk]);
      while (!this.#body && this.#readHead());
      bytes = this.#head;
    }
    this.#body?.add(bytes);
    return this.#body?.isWhole ? this.#answer(this.#body) : undefined;
  }

  /** The answer, where it ends with the connection. */
  end(): HttpAnswer | undefined {
    return this.#body?.endsWithConnection ? this.#answer(this.#body) : undefined;
  }

  #answer({ pieces }: Body): HttpAnswer {
    return { headers: this.#headers, text: Buffer.concat(pieces).toString() };
  }

  /** True where a head was read; one that only says that the answer will come (RFC 9110, 15.2) is passed over. */
  #readHead(): boolean {
    const begun = this.#head.toString('latin1', 0, BEGINNING.length);
    if (!BEGINNING.startsWith(begun)) throw notADaemon();
    const end = this.#head.indexOf(END_OF_HEAD);
    if (Math.max(end, end === -1 ? this.#head.length : 0) > MAX_HEAD_BYTES) throw notADaemon();
    if (end === -1) return false;
    const [status = '', ...lines] = this.#head.toString('latin1', 0, end).split('\r\n');
    this.#head = this.#head.subarray(end + END_OF_HEAD.length);
    if (/^\S+ 1\d\d\b/.test(status)) return true;
    const headers = lines.map(headerOf);
    this.#headers = new Map(headers);
    this.#body = this.#isHead ? new SizedBody(0) : bodyOf(headers);
    return true;
  }
}

type Header = readonly [name: string, value: string];

function headerOf(line: string): Header {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}

function bodyOf(headers: readonly Header[]): Body {
  const valuesOf = (wanted: string) => headers.flatMap(([name, value]) => (name === wanted ? [value] : []));
  const [coding] = valuesOf('transfer-encoding');
  if (coding?.toLowerCase() === 'chunked') return new BodyInParts();
  const [length, ...others] = valuesOf('content-length');
  if (coding !== undefined || others.length > 0) throw notADaemon();
  if (length === undefined) return new SizedBody(Number.POSITIVE_INFINITY);
  if (!/^\d{1,15}$/.test(length) || Number(length) > MAX_BODY_BYTES) throw notADaemon();
  return new SizedBody(Number(length));
}

abstract class Body {
  readonly pieces: Buffer[] = [];
  protected size = 0;
  /** True where the end of the connection is the end of the body. */
  readonly endsWithConnection: boolean = false;
  abstract readonly isWhole: boolean;
  abstract add(bytes: Buffer): void;

  protected keep(bytes: Buffer): void {
    this.pieces.push(bytes);
    this.size += bytes.length;
    if (this.size > MAX_BODY_BYTES) throw notADaemon();
  }
}

/** A body as long as was told; without an end of its own up to the end of the connection. */
class SizedBody extends Body {
  override readonly endsWithConnection: boolean;
  readonly #length: number;

  constructor(length: number) {
    super();
    this.#length = length;
    this.endsWithConnection = !Number.isFinite(length);
  }

  get isWhole(): boolean {
    return this.size >= this.#length;
  }

  add(bytes: Buffer): void {
    this.keep(bytes.subarray(0, this.#length - this.size));
  }
}

/** A body in parts, each behind a line with its length in hexadecimal; the last one is empty, and may have headers behind it (RFC 9112, 7.1). */
class BodyInParts extends Body {
  #line = '';
  /** How many bytes of the part at hand are still to come. */
  #left = 0;
  #awaits: 'length' | 'end of part' | 'end' | 'nothing' = 'length';

  get isWhole(): boolean {
    return this.#awaits === 'nothing';
  }

  add(bytes: Buffer): void {
    for (let at = 0; at < bytes.length && !this.isWhole; ) {
      at += this.#left > 0 ? this.#addToPart(bytes.subarray(at)) : this.#addToLine(bytes.subarray(at));
    }
  }

  #addToPart(bytes: Buffer): number {
    const part = bytes.subarray(0, this.#left);
    this.keep(part);
    this.#left -= part.length;
    return part.length;
  }

  #addToLine(bytes: Buffer): number {
    const end = bytes.indexOf('\n');
    const length = end === -1 ? bytes.length : end + 1;
    this.#line += bytes.toString('latin1', 0, length);
    if (this.#line.length > MAX_HEAD_BYTES) throw notADaemon();
    if (end !== -1) this.#endLine();
    return length;
  }

  #endLine(): void {
    const line = this.#line.trimEnd();
    this.#line = '';
    if (this.#awaits === 'end') this.#awaits = line === '' ? 'nothing' : 'end';
    else if (this.#awaits === 'end of part') {
      if (line !== '') throw notADaemon();
      this.#awaits = 'length';
    } else {
      const [, length] = /^([\da-f]{1,8})[\t ]*(?:;|$)/i.exec(line) ?? [];
      if (length === undefined) throw notADaemon();
      this.#left = Number.parseInt(length, 16);
      this.#awaits = this.#left === 0 ? 'end' : 'end of part';
    }
  }
}
