import { type JsonNode, MAX_JSON_DEPTH, toPlain } from './json-tree.ts';

/**
 * The tree of a JSON text (RFC 8259, strictly: what `JSON.parse` accepts), in time linear in its length.
 * Throws a JsonSyntaxError otherwise and when nested deeper than `MAX_JSON_DEPTH`; of a key that occurs twice
 * the last value stands at the first place. A byte order mark is refused: the caller strips it.
 */
export function parseJson(text: string): JsonNode {
  return new Reader(text).readDocument();
}

/**
 * The plain value of a JSON text whose keys are anybody's, with `JSON.parse` wherever that reads it right: V8 may take a key that
 * holds an escape for another one that it read before (nodejs/node issue 63785). Throws what either throws.
 */
export function parsePlain(text: string): unknown {
  return text.includes('\\') ? toPlain(parseJson(text)) : JSON.parse(text);
}

/** Why and where a text is not JSON, counted from 1 (columns in UTF-16 units); the message quotes nothing of the text. */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
  readonly line: number;
  readonly column: number;

  constructor(problem: string, line: number, column: number) {
    super(`${problem} (line ${line}, column ${column})`);
    this.line = line;
    this.column = column;
  }
}

// Character codes, not regular expressions: V8's overflow their own stack on strings of some megabytes.
const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const PLUS = 0x2b;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const BRACKET_OPEN = 0x5b;
const BACKSLASH = 0x5c;
const BRACKET_CLOSE = 0x5d;
const BRACE_OPEN = 0x7b;
const BRACE_CLOSE = 0x7d;
const LETTER_U = 0x75;
const BYTE_ORDER_MARK = 0xfeff;

class Reader {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  readDocument(): JsonNode {
    if (this.code() === BYTE_ORDER_MARK) this.fail('a byte order mark stands before the document');
    this.skipSpace();
    const node = this.readValue(0);
    this.skipSpace();
    if (this.at < this.text.length) this.fail('there is more after the end of the document');
    return node;
  }

  /** `depth` counts the objects and arrays around the value. */
  private readValue(depth: number): JsonNode {
    const code = this.code();
    if (code === QUOTE) return { kind: 'string', value: this.readString() };
    if (code === BRACE_OPEN || code === BRACKET_OPEN) {
      if (depth >= MAX_JSON_DEPTH) this.fail(`the document is nested deeper than ${MAX_JSON_DEPTH}`);
      return code === BRACE_OPEN ? this.readObject(depth + 1) : this.readArray(depth + 1);
    }
    return { kind: 'literal', text: code === MINUS || isDigit(code) ? this.readNumber() : this.readWord() };
  }

  private readObject(depth: number): JsonNode {
    const members = new Map<string, JsonNode>();
    this.openContainer();
    while (this.code() !== BRACE_CLOSE || members.size > 0) {
      if (this.code() !== QUOTE) this.fail('the name of a member in double quotes was expected');
      const key = this.readString();
      this.skipSpace();
      if (this.code() !== COLON) this.fail('a colon was expected after the name of a member');
      this.at++;
      this.skipSpace();
      members.set(key, this.readValue(depth));
      if (!this.hasNext(BRACE_CLOSE, 'a comma or a closing brace was expected')) break;
    }
    this.at++;
    return { kind: 'object', entries: [...members] };
  }

  private readArray(depth: number): JsonNode {
    const items: JsonNode[] = [];
    this.openContainer();
    while (this.code() !== BRACKET_CLOSE || items.length > 0) {
      items.push(this.readValue(depth));
      if (!this.hasNext(BRACKET_CLOSE, 'a comma or a closing bracket was expected')) break;
    }
    this.at++;
    return { kind: 'array', items };
  }

  private openContainer(): void {
    this.at++;
    this.skipSpace();
  }

  /** Steps over a comma to what follows it, or stops before the closing character. */
  private hasNext(close: number, problem: string): boolean {
    this.skipSpace();
    if (this.code() === close) return false;
    if (this.code() !== COMMA) this.fail(problem);
    this.at++;
    this.skipSpace();
    return true;
  }

  private readString(): string {
    const start = this.at++;
    let isEscaped = false;
    for (let code = this.code(); code !== QUOTE; code = this.code()) {
      if (Number.isNaN(code)) this.fail('a string has no closing quote');
      if (code < SPACE) this.fail('a control character in a string must be escaped');
      this.at++;
      if (code !== BACKSLASH) continue;
      isEscaped = true;
      this.skipEscape();
    }
    this.at++;
    if (!isEscaped) return this.text.slice(start + 1, this.at - 1);
    return JSON.parse(this.text.slice(start, this.at)) as string;
  }

  private skipEscape(): void {
    const code = this.code();
    if (code !== LETTER_U) {
      if (!isSimpleEscape(code)) this.fail('a string holds an unknown escape');
      this.at++;
      return;
    }
    for (let digits = 0; digits < 4; digits++) {
      this.at++;
      if (!isHexDigit(this.code())) this.fail('four hexadecimal digits were expected after \\u');
    }
    this.at++;
  }

  private readWord(): string {
    const word = ['true', 'false', 'null'].find((candidate) => this.text.startsWith(candidate, this.at));
    if (word === undefined) this.fail('a value was expected');
    this.at += word.length;
    return word;
  }

  private readNumber(): string {
    const start = this.at;
    if (this.code() === MINUS) this.at++;
    if (this.code() === ZERO) this.at++;
    else this.skipDigits();
    if (this.code() === POINT) {
      this.at++;
      this.skipDigits();
    }
    // 0x20 turns E into e.
    if ((this.code() | 0x20) === 0x65) {
      this.at++;
      if (this.code() === PLUS || this.code() === MINUS) this.at++;
      this.skipDigits();
    }
    return this.text.slice(start, this.at);
  }

  private skipDigits(): void {
    if (!isDigit(this.code())) this.fail('a digit was expected');
    while (isDigit(this.code())) this.at++;
  }

  private skipSpace(): void {
    for (let code = this.code(); isSpace(code); code = this.code()) this.at++;
  }

  /** The character at hand; NaN, which equals nothing, at the end. */
  private code(): number {
    return this.text.charCodeAt(this.at);
  }

  private fail(problem: string): never {
    let line = 1;
    let lineStart = 0;
    for (let index = 0; index < this.at; index++) {
      const code = this.text.charCodeAt(index);
      const isPairStart = code === CARRIAGE_RETURN && this.text.charCodeAt(index + 1) === LINE_FEED;
      if (isPairStart || (code !== LINE_FEED && code !== CARRIAGE_RETURN)) continue;
      line++;
      lineStart = index + 1;
    }
    throw new JsonSyntaxError(problem, line, this.at - lineStart + 1);
  }
}

function isSpace(code: number): boolean {
  return code === SPACE || code === LINE_FEED || code === CARRIAGE_RETURN || code === TAB;
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE;
}

function isHexDigit(code: number): boolean {
  const lower = code | 0x20;
  return isDigit(code) || (lower >= 0x61 && lower <= 0x66);
}

function isSimpleEscape(code: number): boolean {
  return '"\\/bfnrt'.includes(String.fromCharCode(code));
}
