/** Longest line that is read; longer ones are refused without being kept in memory. */
export const LONGEST_LINE = 1024 * 1024;

const NEWLINE = 0x0a;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** One line of a file: its text, or why it cannot be read. */
export type Line =
  { readonly number: number; readonly text: string } | { readonly number: number; readonly problem: string };

/**
 * Splits a stream of bytes into lines, in memory bounded by the longest line. Yields the lines of a chunk at once.
 *
 * Lines end with LF or CR LF. A byte order mark at the start is skipped. A line that is not UTF-8 is a
 * problem of its own; the lines around it are read.
 */
export async function* readLines(source: AsyncIterable<Uint8Array>): AsyncGenerator<readonly Line[]> {
  const splitter = new LineSplitter();
  for await (const chunk of source) {
    const lines = splitter.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    if (lines.length > 0) yield lines;
  }
  const last = splitter.end();
  if (last.length > 0) yield last;
}

class LineSplitter {
  private readonly decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  private rest: Buffer = Buffer.alloc(0);
  private number = 0;
  private isOverlong = false;
  private isStarted = false;

  push(chunk: Buffer): readonly Line[] {
    const bytes = this.rest.length > 0 ? Buffer.concat([this.rest, chunk]) : chunk;
    const end = bytes.lastIndexOf(NEWLINE);
    this.rest = bytes.subarray(end + 1);
    const lines = end < 0 ? [] : this.decode(this.withoutMark(bytes.subarray(0, end)));
    if (this.rest.length > LONGEST_LINE) {
      this.isOverlong = true;
      this.rest = Buffer.alloc(0);
    }
    return lines;
  }

  end(): readonly Line[] {
    if (this.rest.length === 0 && !this.isOverlong) return [];
    return this.decode(this.withoutMark(this.rest));
  }

  private decode(bytes: Buffer): readonly Line[] {
    const texts = this.tryDecode(bytes)?.split('\n') ?? splitBytes(bytes).map((line) => this.tryDecode(line));
    return texts.map((text) => {
      this.number += 1;
      const number = this.number;
      if (this.isOverlong || (text?.length ?? 0) > LONGEST_LINE) {
        this.isOverlong = false;
        return { number, problem: `the line must be at most ${LONGEST_LINE} bytes long` };
      }
      if (text === undefined) return { number, problem: 'the line must be UTF-8' };
      return { number, text: text.endsWith('\r') ? text.slice(0, -1) : text };
    });
  }

  private tryDecode(bytes: Buffer): string | undefined {
    try {
      return this.decoder.decode(bytes);
    } catch {
      return undefined;
    }
  }

  private withoutMark(bytes: Buffer): Buffer {
    const hasMark = !this.isStarted && bytes.subarray(0, 3).equals(BYTE_ORDER_MARK);
    this.isStarted = true;
    return hasMark ? bytes.subarray(3) : bytes;
  }
}

function splitBytes(bytes: Buffer): readonly Buffer[] {
  const parts: Buffer[] = [];
  for (let start = 0; start <= bytes.length;) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline < 0 ? bytes.length : newline;
    parts.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return parts;
}
