import 'reflect-metadata';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createGunzip } from 'node:zlib';

import { DomainError } from '../common/domain-error.js';
import { AppConfig } from '../config/app-config.js';
import { CatalogRepository } from '../modules/catalog/catalog.repository.js';
import { CatalogService } from '../modules/catalog/catalog.service.js';
import { CatalogWriterRepository } from '../modules/catalog/catalog-writer.repository.js';
import { ActivityRepository } from '../modules/events/activity.repository.js';
import { EventsService } from '../modules/events/events.service.js';
import { readOptions, type OptionTexts } from '../modules/import/import-options.js';
import { ImportRepository } from '../modules/import/import.repository.js';
import { ImportService } from '../modules/import/import.service.js';
import { IMPORT_KINDS, type ImportKind, type ImportReport } from '../modules/import/import.types.js';
import { Database } from '../platform/database/database.js';
import { ProgressBar } from './progress-bar.js';
import { readArguments, runCommand, UsageError } from './run-command.js';

const USAGE = `Imports files into the database: DATABASE_URL, or the embedded one under ALMANAC_DATA.

npm run import -- [--users FILE] [--farms FILE] [--products FILE] [--orders FILE] [--events FILE]
                  [--price-changes FILE] [--stock-levels FILE] [options]

Files that end in .ndjson, .jsonl or .json hold a JSON object a line; others are CSV. Add .gz when gzipped.
Whatever the order on the command line, files are read in the order above.

  --map theirs:ours     their column name to ours; may be repeated. With several files: kind.theirs:ours
  --set field:value     a value for every row; may be repeated. With several files: kind.field:value
  --delimiter tab       , ; | or tab (default ,)
  --ignore-unknown      skip unknown columns
  --create-missing      make users and products that orders and events refer to
  --atomic              all lines of a file or none
`;
const SHOWN_ERRORS = 20;
const JSON_FILE = /\.(?:ndjson|jsonl|json)(?:\.gz)?$/i;

interface Order {
  readonly files: readonly { readonly kind: ImportKind; readonly path: string }[];
  readonly texts: OptionTexts;
}

async function run(args: readonly string[]): Promise<number> {
  const order = readOrder(args);
  // options are checked before the database is opened
  const jobs = order.files.map(({ kind, path }) => ({ kind, path, options: optionsOf(kind, path, order) }));
  const database = await Database.open(AppConfig.load(process.env));
  try {
    const imports = createService(database);
    let refused = 0;
    for (const { kind, path, options } of jobs) {
      const bar = new ProgressBar(`${kind} ${path}`, statSync(path).size);
      const file = createReadStream(path);
      const source = path.endsWith('.gz') ? file.pipe(createGunzip()) : file;
      const report = await imports.run({
        kind,
        source,
        options,
        onProgress: ({ received }) => bar.show(file.bytesRead, `${received} lines`),
      });
      bar.end();
      print(path, report);
      refused += report.refused;
    }
    if (refused > 0) process.stderr.write(`${refused} lines were refused; the others are imported.\n`);
    return refused > 0 ? 1 : 0;
  } catch (error) {
    // printed first: the message of a refused import ends with what to do
    if (error instanceof DomainError && 'report' in error.extensions) {
      process.stderr.write('\n');
      printErrors(error.extensions['report'] as ImportReport);
    }
    throw error;
  } finally {
    await database.close();
  }
}

function createService(database: Database): ImportService {
  const catalog = new CatalogService(new CatalogRepository(database), new CatalogWriterRepository(database));
  const events = new EventsService(new ActivityRepository(database), catalog);
  return new ImportService(new ImportRepository(database), catalog, events);
}

function print(path: string, report: ImportReport): void {
  const { kind, received, created, updated, unchanged, refused, seconds } = report;
  process.stdout.write(
    `${kind} ${path}: ${received} lines, ${created} created, ${updated} updated, ${unchanged} unchanged, ` +
      `${refused} refused in ${seconds} s\n`,
  );
  printErrors(report);
}

function printErrors({ errors, refused }: ImportReport): void {
  for (const { line, reason } of errors.slice(0, SHOWN_ERRORS)) {
    process.stderr.write(`  line ${line}: ${reason}\n`);
  }
  if (refused > SHOWN_ERRORS) process.stderr.write(`  … and ${refused - SHOWN_ERRORS} more\n`);
}

function optionsOf(kind: ImportKind, path: string, { files, texts }: Order): ReturnType<typeof readOptions> {
  try {
    return readOptions(kind, JSON_FILE.test(path) ? 'ndjson' : 'csv', {
      ...texts,
      map: ofKind(kind, texts.map ?? [], files.length),
      set: ofKind(kind, texts.set ?? [], files.length),
    });
  } catch (error) {
    throw error instanceof DomainError ? new UsageError(error.message) : error;
  }
}

/** `events.item:productId` is for events alone; a text without a kind is for the only file, or for all. */
function ofKind(kind: ImportKind, texts: readonly string[], fileCount: number): readonly string[] {
  return texts.flatMap((text) => {
    const named = fileCount > 1 ? IMPORT_KINDS.find((other) => text.startsWith(`${other}.`)) : undefined;
    if (named === undefined) return text;
    return named === kind ? text.slice(kind.length + 1) : [];
  });
}

function readOrder(args: readonly string[]): Order {
  const values = parse(args);
  const files = IMPORT_KINDS.flatMap((kind) => {
    const path = values[kind];
    return typeof path === 'string' ? { kind, path } : [];
  });
  if (files.length === 0)
    throw new UsageError('Expected at least one file, e.g. --orders orders.csv; received none.');
  const absent = files.find(({ path }) => !existsSync(path) || !statSync(path).isFile());
  if (absent) throw new UsageError(`--${absent.kind} must be a file that exists, received ${absent.path}.`);

  const delimiter = values['delimiter'] as string | undefined;
  if (delimiter !== undefined && !/^(?:[,;|\t]|tab|comma|semicolon|pipe)$/.test(delimiter)) {
    throw new UsageError(`--delimiter must be one of , ; | tab, received ${delimiter}.`);
  }
  const texts: OptionTexts = {
    delimiter,
    map: values['map'] as string[] | undefined,
    set: values['set'] as string[] | undefined,
    ignoreUnknown: values['ignore-unknown'] === true,
    createMissing: values['create-missing'] === true,
    atomic: values['atomic'] === true,
  };
  return { files, texts };
}

function parse(args: readonly string[]): Readonly<Record<string, unknown>> {
  const { values } = readArguments(() =>
    parseArgs({
      args: [...args],
      options: {
        ...Object.fromEntries(IMPORT_KINDS.map((kind) => [kind, { type: 'string' as const }])),
        delimiter: { type: 'string' },
        map: { type: 'string', multiple: true },
        set: { type: 'string', multiple: true },
        'ignore-unknown': { type: 'boolean' },
        'create-missing': { type: 'boolean' },
        atomic: { type: 'boolean' },
      },
    }),
  );
  return values;
}

await runCommand({ usage: USAGE, run });
