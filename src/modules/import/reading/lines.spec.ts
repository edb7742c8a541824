import { describe, expect, it } from '@jest/globals';

import { LONGEST_LINE, readLines, type Line } from './lines.js';

async function linesOf(bytes: Buffer, chunkSize: number): Promise<Line[]> {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < bytes.length; i += chunkSize) yield bytes.subarray(i, i + chunkSize);
  }
  const lines: Line[] = [];
  for await (const some of readLines(chunks())) lines.push(...some);
  return lines;
}

describe('readLines', () => {
  it.each([1, 2, 3, 7, 1000])('gives the same lines in chunks of %i bytes', async (size) => {
    const bytes = Buffer.from('\uFEFFid,name\r\n1,Zoë\n\n2,🥕', 'utf8');
    expect(await linesOf(bytes, size)).toEqual([
      { number: 1, text: 'id,name' },
      { number: 2, text: '1,Zoë' },
      { number: 3, text: '' },
      { number: 4, text: '2,🥕' },
    ]);
  });

  it('says of a line that is not UTF-8 only that, and reads the others', async () => {
    const bytes = Buffer.concat([Buffer.from('a\n'), Buffer.from([0xc3, 0x28]), Buffer.from('\nb\n')]);
    expect(await linesOf(bytes, 3)).toEqual([
      { number: 1, text: 'a' },
      { number: 2, problem: 'the line must be UTF-8' },
      { number: 3, text: 'b' },
    ]);
  });

  it('does not keep a line that is too long, and goes on after it', async () => {
    const bytes = Buffer.from(`a\n${'x'.repeat(3 * LONGEST_LINE)}\nb\n`);
    const lines = await linesOf(bytes, 65_536);
    expect(lines.map((line) => ('text' in line ? line.text : line.number))).toEqual(['a', 2, 'b']);
  });

  it('gives no line for nothing', async () => {
    expect(await linesOf(Buffer.alloc(0), 10)).toEqual([]);
  });
});
