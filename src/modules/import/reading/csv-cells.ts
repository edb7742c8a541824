import type { Line } from './lines.js';

/** Longest record that goes over several lines: a stray quote must not swallow the rest of the file. */
const LONGEST_RECORD = 64 * 1024;

/** The cells of one record, or why its line cannot be read. */
export type CsvRecord =
  | { readonly line: number; readonly cells: readonly string[] }
  | { readonly line: number; readonly problem: string };

/**
 * Reads CSV records out of lines (RFC 4180): cells in double quotes may hold delimiters, line breaks and
 * doubled quotes. A quote inside a cell that does not start with one is an ordinary character.
 *
 * When a quote is not closed within 64 KiB, or is followed by something else than a delimiter, its line
 * alone is refused and reading goes on at the next one. Empty lines are skipped.
 */
export class CsvCells {
  private open: { readonly lines: Line[]; text: string } | undefined;

  constructor(private readonly delimiter: string) {}

  read(lines: readonly Line[]): readonly CsvRecord[] {
    const records: CsvRecord[] = [];
    const waiting = [...lines].reverse();
    for (let line = waiting.pop(); line !== undefined; line = waiting.pop()) {
      const retry = this.take(line, records);
      if (retry) waiting.push(...retry.reverse());
    }
    return records;
  }

  /** Whatever is still open at the end was never closed. */
  end(): readonly CsvRecord[] {
    const records: CsvRecord[] = [];
    while (this.open) {
      const { lines } = this.open;
      this.open = undefined;
      records.push(unclosed(lines[0]!)); // an open record has a first line
      records.push(...this.read(lines.slice(1)));
    }
    return records;
  }

  /** @returns Lines to be read again, because the record they were taken for is none. */
  private take(line: Line, records: CsvRecord[]): Line[] | undefined {
    if ('problem' in line) {
      const retry = this.giveUp(records);
      if (retry) return [...retry, line];
      records.push({ line: line.number, problem: line.problem });
      return undefined;
    }
    if (!this.open) {
      if (line.text.trim() === '') return undefined;
      const cells = parseCells(line.text, this.delimiter);
      if (cells === 'open') this.open = { lines: [line], text: line.text };
      else if (cells === 'broken') records.push(broken(line));
      else records.push({ line: line.number, cells });
      return undefined;
    }
    this.open.text += `\n${line.text}`;
    this.open.lines.push(line);
    if (this.open.text.length > LONGEST_RECORD) return this.giveUp(records);
    if (!line.text.includes('"')) return undefined;
    const cells = parseCells(this.open.text, this.delimiter);
    if (cells === 'open') return undefined;
    if (cells === 'broken') return this.giveUp(records);
    records.push({ line: this.open.lines[0]!.number, cells }); // an open record has a first line
    this.open = undefined;
    return undefined;
  }

  private giveUp(records: CsvRecord[]): Line[] | undefined {
    if (!this.open) return undefined;
    const [first, ...others] = this.open.lines;
    this.open = undefined;
    if (first) records.push(unclosed(first));
    return others;
  }
}

/** @returns The cells, `open` when the last quote is not closed, `broken` when text follows a closing quote. */
export function parseCells(text: string, delimiter: string): string[] | 'open' | 'broken' {
  if (!text.includes('"')) return text.split(delimiter);
  const cells: string[] = [];
  let position = 0;
  for (;;) {
    if (text[position] === '"') {
      const end = closingQuote(text, position + 1);
      if (end < 0) return 'open';
      cells.push(text.slice(position + 1, end).replaceAll('""', '"'));
      if (end + 1 === text.length) return cells;
      if (text[end + 1] !== delimiter) return 'broken';
      position = end + 2;
    } else {
      const end = text.indexOf(delimiter, position);
      cells.push(text.slice(position, end < 0 ? undefined : end));
      if (end < 0) return cells;
      position = end + 1;
    }
  }
}

function closingQuote(text: string, from: number): number {
  for (let quote = text.indexOf('"', from); quote >= 0; quote = text.indexOf('"', quote + 2)) {
    if (text[quote + 1] !== '"') return quote;
  }
  return -1;
}

function unclosed({ number }: Line): CsvRecord {
  return {
    line: number,
    problem: 'a cell in double quotes must end with a double quote before the next delimiter',
  };
}

function broken({ number }: Line): CsvRecord {
  return {
    line: number,
    problem: 'a closing double quote must be followed by a delimiter or the end of the line',
  };
}
