import { ImportOptionInvalidError } from './import.errors.js';
import type { ImportFormat, ImportKind, ImportOptions } from './import.types.js';
import { ORDER_LINE, SHAPES } from './rows/shapes.js';

/** Options as they are typed in a query or on a command line. */
export interface OptionTexts {
  readonly delimiter?: string | undefined;
  readonly map?: readonly string[] | undefined;
  readonly set?: readonly string[] | undefined;
  readonly ignoreUnknown?: boolean | undefined;
  readonly createMissing?: boolean | undefined;
  readonly atomic?: boolean | undefined;
}

const DELIMITERS: Readonly<Record<string, string>> = { tab: '\t', comma: ',', semicolon: ';', pipe: '|' };

/**
 * Reads the options of an import.
 *
 * @throws ImportOptionInvalidError when `map` or `set` names a field that the kind does not have.
 */
export function readOptions(kind: ImportKind, format: ImportFormat, texts: OptionTexts): ImportOptions {
  const delimiter = texts.delimiter ?? ',';
  return {
    format,
    delimiter: DELIMITERS[delimiter] ?? delimiter,
    map: readMap(kind, texts.map ?? []),
    constants: readConstants(kind, texts.set ?? []),
    ignoreUnknown: texts.ignoreUnknown ?? false,
    createMissing: texts.createMissing ?? false,
    atomic: texts.atomic ?? false,
  };
}

/** Names of columns may hold ':' themselves, ours do not: the last one separates. */
function readMap(kind: ImportKind, texts: readonly string[]): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (const pair of splitList(texts)) {
    const separator = pair.includes('=') ? pair.lastIndexOf('=') : pair.lastIndexOf(':');
    if (separator <= 0) throw new ImportOptionInvalidError('map', '`theirs:ours`', pair);
    map.set(pair.slice(0, separator).trim(), knownField(kind, 'map', pair.slice(separator + 1).trim()));
  }
  return map;
}

function readConstants(kind: ImportKind, texts: readonly string[]): ReadonlyMap<string, string> {
  const constants = new Map<string, string>();
  for (const pair of splitList(texts)) {
    const separator = pair.search(/[:=]/);
    if (separator <= 0) throw new ImportOptionInvalidError('set', '`field:value`', pair);
    constants.set(knownField(kind, 'set', pair.slice(0, separator).trim()), pair.slice(separator + 1));
  }
  return constants;
}

function knownField(kind: ImportKind, parameter: string, name: string): string {
  const known = kind === 'orders' ? ['id', 'lines', ...ORDER_LINE.names] : [];
  const names = [...SHAPES[kind].names, ...known];
  if (names.includes(name)) return name;
  const expected = `a field of ${kind} (${[...new Set(names)].join(', ')})`;
  throw new ImportOptionInvalidError(parameter, expected, name || 'nothing');
}

function splitList(texts: readonly string[]): readonly string[] {
  return texts.flatMap((text) => text.split(',')).filter((pair) => pair.trim() !== '');
}
