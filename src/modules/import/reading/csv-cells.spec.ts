import { describe, expect, it } from '@jest/globals';

import { CsvCells, parseCells } from './csv-cells.js';

function read(text: string, delimiter = ','): unknown[] {
  const cells = new CsvCells(delimiter);
  const lines = text.split('\n').map((line, i) => ({ number: i + 1, text: line }));
  return [...lines.flatMap((line) => cells.read([line])), ...cells.end()].map((record) =>
    'cells' in record ? record.cells : record.line,
  );
}

describe('CsvCells', () => {
  it.each([
    ['a,b,c', ['a', 'b', 'c']],
    ['a,,', ['a', '', '']],
    ['"a,1",b', ['a,1', 'b']],
    ['"say ""hi""",', ['say "hi"', '']],
    ['""', ['']],
    ['6" pot,b', ['6" pot', 'b']],
  ])('reads %s', (text, cells) => {
    expect(parseCells(text, ',')).toEqual(cells);
  });

  it('reads a cell over several lines', () => {
    expect(read('a,"x\ny ""z""\n",b\nc,d,e')).toEqual([
      ['a', 'x\ny "z"\n', 'b'],
      ['c', 'd', 'e'],
    ]);
  });

  it('refuses only the line of a quote that is never closed', () => {
    expect(read('a,"b\nc,d\ne,f')).toEqual([1, ['c', 'd'], ['e', 'f']]);
  });

  it('refuses only the line of a stray quote before a line with a quoted cell', () => {
    expect(read('a,"b\nc,d\n"e",f')).toEqual([1, ['c', 'd'], ['e', 'f']]);
  });

  it('refuses text after a closing quote', () => {
    expect(read('"a"b,c\nd,e')).toEqual([1, ['d', 'e']]);
  });

  it('skips empty lines and takes other delimiters', () => {
    expect(read('a\tb\n\n\nc\td', '\t')).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });
});
