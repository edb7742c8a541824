import type { Queryable, SavedCounts } from '../catalog/catalog.types.js';
import type { ImportRepository } from './import.repository.js';
import type { Draft, KindPlan } from './kinds/kind-plan.js';
import type { KnownReferences } from './known-references.js';
import { Refusal } from './rows/refusal.js';
import type { ImportTally } from './tally.js';

const BATCH_SIZE = 1000;
/** Statements of one batch that run at once, each on a connection of its own. */
const LANES = 2;
/** Batches below this are not worth a second connection. */
const SMALLEST_SHARED_BATCH = 200;

interface Entry {
  readonly lines: readonly number[];
  readonly row: object;
}

interface SessionParts {
  readonly plan: KindPlan;
  readonly references: KnownReferences;
  readonly repository: ImportRepository;
  readonly tally: ImportTally;
  /** The transaction of an atomic import. */
  readonly connection: Queryable | undefined;
}

/** Collects drafts and saves them in batches; while one batch is written the next is read. */
export class ImportSession {
  private waiting: Draft[] = [];
  private writing: Promise<void> = Promise.resolve();

  constructor(private readonly parts: SessionParts) {}

  async add(drafts: readonly Draft[]): Promise<void> {
    for (const draft of drafts) this.waiting.push(draft);
    if (this.waiting.length >= BATCH_SIZE) await this.flush();
  }

  /** Starts to write what waits; resolves as soon as the batch before is written. */
  async flush(): Promise<void> {
    await this.writing;
    const batch = this.waiting;
    this.waiting = [];
    this.writing = this.write(batch);
    // a failure is thrown at the next await of `writing`, not as an unhandled rejection before it
    this.writing.catch(() => undefined);
  }

  async finish(): Promise<void> {
    await this.flush();
    await this.writing;
  }

  private async write(drafts: readonly Draft[]): Promise<void> {
    if (drafts.length === 0) return;
    const { plan, references } = this.parts;
    await references.learn(drafts, plan.references);
    const entries = new Map<string, Entry>();
    for (const { lines, fields } of drafts) {
      const row = references.check(plan.references(fields)) ?? plan.finish(fields, references.products);
      if (row instanceof Refusal) {
        this.refuse(lines, row);
        continue;
      }
      const key = plan.keyOf(row as never); // a plan reads its own rows
      // the later of two rows wins, as it would in two batches
      if (entries.has(key)) this.parts.tally.count({ created: 0, updated: 1, unchanged: 0 });
      entries.set(key, { lines, row });
    }
    // the same order in every import: two at once wait for each other instead of locking up
    const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
    await this.share(sorted);
  }

  /** Keys are unique within a batch, so its parts may be saved in any order. A transaction has one connection. */
  private async share(entries: readonly Entry[]): Promise<void> {
    if (this.parts.connection !== undefined || entries.length < SMALLEST_SHARED_BATCH)
      return this.save(entries);
    const size = Math.ceil(entries.length / LANES);
    const parts = Array.from({ length: LANES }, (_, i) => entries.slice(i * size, (i + 1) * size));
    const outcomes = await Promise.allSettled(parts.map(async (part) => this.save(part)));
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }

  /** Saves entries; those that the database refuses are found by halving. */
  private async save(entries: readonly Entry[]): Promise<void> {
    if (entries.length === 0) return;
    const { plan, repository, connection, tally } = this.parts;
    const rows = entries.map(({ row }) => row) as unknown as readonly never[]; // a plan saves its own rows
    const outcome = await repository.attempt<SavedCounts>(connection, async () =>
      plan.save(rows, connection),
    );
    if ('result' in outcome) {
      tally.count(outcome.result);
    } else if (entries.length === 1) {
      this.refuse(entries[0]!.lines, new Refusal(`the database refused it: ${outcome.refusedBecause}`)); // there is one
    } else {
      const middle = entries.length >> 1;
      await this.save(entries.slice(0, middle));
      await this.save(entries.slice(middle));
    }
  }

  private refuse(lines: readonly number[], refusal: Refusal): void {
    for (const line of lines) this.parts.tally.refuse(line, refusal);
  }
}
