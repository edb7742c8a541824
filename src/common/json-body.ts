import { ForbiddenKeyError, MalformedJsonError } from './http.errors.js';

/** Matches texts that may hold a forbidden key, escaped or not; whether they do is looked at afterwards. */
const SUSPECT = /__proto__|constructor|\\u00[0-9a-f]{2}/i;

const BYTE_ORDER_MARK = 0xfeff;

/**
 * Parses the JSON of a request body.
 *
 * @returns `undefined` for an empty body.
 * @throws MalformedJsonError with the place where `text` stops being JSON; ForbiddenKeyError.
 */
export function parseJsonBody(text: string): unknown {
  if (text.codePointAt(0) === BYTE_ORDER_MARK) return parseJsonBody(text.slice(1));
  if (text.length === 0) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new MalformedJsonError(locate(text));
  }
  if (SUSPECT.test(text)) refusePoisonedKeys(value);
  return value;
}

function refusePoisonedKeys(root: unknown): void {
  const waiting: unknown[] = [root];
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (typeof value !== 'object' || value === null) continue;
    if (Object.hasOwn(value, '__proto__')) throw new ForbiddenKeyError();
    const maker = Object.getOwnPropertyDescriptor(value, 'constructor')?.value as unknown;
    if (typeof maker === 'object' && maker !== null && Object.hasOwn(maker, 'prototype')) {
      throw new ForbiddenKeyError();
    }
    for (const child of Object.values(value)) waiting.push(child);
  }
}

function locate(text: string): MalformedJsonError['extensions'] {
  const { position, expected } = new JsonScanner(text).findError();
  const before = text.slice(0, position);
  const lineStart = before.lastIndexOf('\n') + 1;
  const character = text.codePointAt(position);
  return {
    position,
    line: before.split('\n').length,
    column: position - lineStart + 1,
    expected,
    received:
      character === undefined ? 'the end of the body' : JSON.stringify(String.fromCodePoint(character)),
  };
}

interface JsonError {
  readonly position: number;
  readonly expected: string;
}

const WHITESPACE = /[\t\n\r ]*/y;
const STRING = /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const STRING_START = /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/**
 * Finds the first place where a text that is known not to be JSON departs from RFC 8259.
 *
 * Engines say it in words that differ between versions and often without a position. Keeps the open
 * containers in a list, not on the call stack: depth is chosen by the sender.
 */
class JsonScanner {
  private position = 0;

  constructor(private readonly text: string) {}

  findError(): JsonError {
    const open: ('{' | '[')[] = [];
    for (;;) {
      const fault = this.readValue(open);
      if (fault === 'container') continue;
      if (fault) return fault;
      const end = this.closeContainers(open);
      if (end) return end;
    }
  }

  /** Reads up to the end of a scalar or into a container (`container`). */
  private readValue(open: ('{' | '[')[]): JsonError | 'container' | undefined {
    this.skip(WHITESPACE);
    const start = this.text[this.position];
    if (start === '{' || start === '[') {
      open.push(start);
      this.position += 1;
      this.skip(WHITESPACE);
      if (this.text[this.position] === (start === '{' ? '}' : ']')) return undefined;
      if (start === '[') return 'container';
      return this.readKey() ?? 'container';
    }
    if (start === '"') return this.readString();
    return this.skip(SCALAR) ? undefined : this.fault('a JSON value');
  }

  /** After a value: closes what ends here and reads the comma before the next value. */
  private closeContainers(open: ('{' | '[')[]): JsonError | undefined {
    for (;;) {
      this.skip(WHITESPACE);
      const container = open.at(-1);
      if (container === undefined) return this.fault('the end of the body');
      const close = container === '{' ? '}' : ']';
      const next = this.text[this.position];
      if (next === ',') {
        this.position += 1;
        return container === '{' ? this.readKey() : undefined;
      }
      if (next !== close) return this.fault(`"," or "${close}"`);
      open.pop();
      this.position += 1;
    }
  }

  private readKey(): JsonError | undefined {
    this.skip(WHITESPACE);
    if (this.text[this.position] !== '"') return this.fault('a key in double quotes');
    const fault = this.readString();
    if (fault) return fault;
    this.skip(WHITESPACE);
    if (this.text[this.position] !== ':') return this.fault('":"');
    this.position += 1;
    return undefined;
  }

  private readString(): JsonError | undefined {
    if (this.skip(STRING)) return undefined;
    this.skip(STRING_START);
    return this.fault('a string that ends with a double quote, control characters escaped');
  }

  private skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.position;
    const match = pattern.exec(this.text);
    this.position += match?.[0].length ?? 0;
    return match !== null && match[0].length > 0;
  }

  private fault(expected: string): JsonError {
    return { position: this.position, expected };
  }
}
