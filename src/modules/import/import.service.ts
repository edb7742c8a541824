import { Injectable } from '@nestjs/common';

import { DomainError } from '../../common/domain-error.js';
import { CatalogService } from '../catalog/catalog.service.js';
import type { Queryable } from '../catalog/catalog.types.js';
import { EventsService } from '../events/events.service.js';
import { ImportBrokenOffError, ImportRefusedError } from './import.errors.js';
import { ImportRepository } from './import.repository.js';
import { ImportSession } from './import-session.js';
import type { ImportKind, ImportOptions, ImportProgress, ImportReport } from './import.types.js';
import { createPlan } from './kinds/plans.js';
import { KnownReferences } from './known-references.js';
import { readLines } from './reading/lines.js';
import { createRecordReader } from './reading/records.js';
import { ImportTally } from './tally.js';

/** Bytes read before what waits is written, however few entries it makes. */
const FLUSH_BYTES = 4 * 1024 * 1024;

export interface ImportRequest {
  readonly kind: ImportKind;
  readonly source: AsyncIterable<Uint8Array>;
  readonly options: ImportOptions;
  readonly onProgress?: (progress: ImportProgress) => void;
}

/** Takes files of any size in: line by line in bounded memory, refusing bad lines and keeping the good ones. */
@Injectable()
export class ImportService {
  constructor(
    private readonly repository: ImportRepository,
    private readonly catalog: CatalogService,
    private readonly events: EventsService,
  ) {}

  /**
   * Imports one file.
   *
   * @throws ImportHeaderInvalidError before anything is written; ImportRefusedError when an atomic import
   * has a refused line; ImportBrokenOffError when the source fails.
   */
  async run(request: ImportRequest): Promise<ImportReport> {
    if (!request.options.atomic) return this.read(request, undefined);
    return this.repository.transaction(async (connection) => {
      const report = await this.read(request, connection);
      if (report.refused > 0) throw new ImportRefusedError(undone(report));
      return report;
    });
  }

  private async read(
    { kind, source, options, onProgress }: ImportRequest,
    connection: Queryable | undefined,
  ): Promise<ImportReport> {
    const tally = new ImportTally(kind);
    const plan = createPlan(kind, { catalog: this.catalog, events: this.events }, options);
    const references = new KnownReferences(this.catalog, options.createMissing, connection);
    const session = new ImportSession({ plan, references, repository: this.repository, tally, connection });
    const fields = options.format === 'csv' ? plan.csvFields : plan.jsonFields;
    const reader = createRecordReader(fields, options);
    const assembler = plan.assembler(options.format, tally);

    const counted = new CountedSource(source);
    let flushedAt = 0;
    try {
      for await (const lines of readLines(counted)) {
        for (const record of reader.read(lines)) {
          tally.received += 1;
          await session.add(assembler.take(record));
        }
        if (counted.bytes - flushedAt > FLUSH_BYTES) {
          flushedAt = counted.bytes;
          await session.flush();
        }
        onProgress?.({ bytes: counted.bytes, received: tally.received, refused: tally.refused });
      }
    } catch (error) {
      if (error instanceof DomainError || counted.failure !== error) throw error;
      // what was read whole is kept; the entry that was being read is not
      await session.finish();
      const report = tally.report();
      throw new ImportBrokenOffError(connection ? undone(report) : report, error);
    }
    for (const record of reader.end()) {
      tally.received += 1;
      await session.add(assembler.take(record));
    }
    await session.add(assembler.end());
    await session.finish();
    return tally.report();
  }
}

/** Passes a source on, counts its bytes and remembers whether a failure was its own. */
class CountedSource implements AsyncIterable<Uint8Array> {
  bytes = 0;
  failure: unknown;

  constructor(private readonly source: AsyncIterable<Uint8Array>) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of this.source) {
        this.bytes += chunk.byteLength;
        yield chunk;
      }
    } catch (error) {
      this.failure = error;
      throw error;
    }
  }
}

function undone(report: ImportReport): ImportReport {
  return { ...report, created: 0, updated: 0, unchanged: 0 };
}
