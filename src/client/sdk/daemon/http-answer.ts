import { notADaemon } from './unreachable.ts';

/** An answer's head, and the line before a part of its body, are never longer. */
const MAX_HEAD_BYTES = 16 * 1024;

/** Several answers together are 16 Mi characters and one answer more (PROTOCOL.md), of at most three bytes each. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

const BEGINNING = 'HTTP/1.';
const END_OF_HEAD = '\r\n\r\n';

/** An answer over HTTP/1 as its bytes come. Throws `unreachable` for what no daemon says, as soon as that shows. */
export class Answer {
  headers: ReadonlyMap<string, string> = new Map();
  readonly #isHead: boolean;
  #head = Buffer.alloc(0);
  #body: Body | undefined;

  /** `isHead` for the answer to HEAD, which has no body. */
  constructor(isHead: boolean) {
    this.#isHead = isHead;
  }

  add(chunk: Buffer): void {
    let bytes = chunk;
    if (!this.#body) {
      this.#head = Buffer.concat([this.#head, chunk]);
      while (!this.#body && this.#readHead());
      bytes = this.#head;
    }
    this.#body?.add(bytes);
  }

  /** No more will come. */
  end(): void {
    if (this.#body) this.#body.isEnded = true;
  }

  get isWhole(): boolean {
    return this.#body?.isWhole ?? false;
  }

  get text(): string {
    return Buffer.concat(this.#body?.pieces ?? []).toString();
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
    this.headers = new Map(lines.map(headerOf));
    this.#body = this.#bodyOf(this.headers);
    return true;
  }

  #bodyOf(headers: ReadonlyMap<string, string>): Body {
    if (this.#isHead) return new Body(0);
    if (headers.get('transfer-encoding')?.toLowerCase() === 'chunked') return new BodyInParts();
    const told = headers.get('content-length');
    if (told !== undefined && !/^\d{1,15}$/.test(told)) throw notADaemon();
    return new Body(told === undefined ? undefined : Number(told));
  }
}

function headerOf(line: string): [name: string, value: string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}

/** A body as long as was told, or up to the end of the connection. */
class Body {
  readonly pieces: Buffer[] = [];
  isEnded = false;
  readonly #length: number | undefined;
  #size = 0;

  constructor(length: number | undefined) {
    if (length !== undefined && length > MAX_BODY_BYTES) throw notADaemon();
    this.#length = length;
  }

  get isWhole(): boolean {
    return this.#length === undefined ? this.isEnded : this.#size >= this.#length;
  }

  add(bytes: Buffer): void {
    this.keep(bytes.subarray(0, this.#length === undefined ? bytes.length : this.#length - this.#size));
  }

  protected keep(bytes: Buffer): void {
    this.pieces.push(bytes);
    this.#size += bytes.length;
    if (this.#size > MAX_BODY_BYTES) throw notADaemon();
  }
}

/** A body in parts, each behind a line with its length in hexadecimal; the last one is empty, and may have headers behind it (RFC 9112, 7.1). */
class BodyInParts extends Body {
  #line = '';
  /** How many bytes of the part at hand are still to come. */
  #left = 0;
  #awaits: 'length' | 'end of part' | 'end' | 'nothing' = 'length';

  constructor() {
    super(undefined);
  }

  override get isWhole(): boolean {
    return this.#awaits === 'nothing';
  }

  override add(bytes: Buffer): void {
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
