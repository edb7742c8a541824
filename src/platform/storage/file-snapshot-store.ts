import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { SnapshotStore, type InteractionSnapshot } from '../../ports/snapshot-store.js';
import { bytesOf, jsonOf, numbersOf, readHashedFolder, writeHashedFolder } from './hashed-folder.js';

const FORMAT = 'almanac-interactions/2';
/** What `rename` says of a folder that is there and not empty. */
const TAKEN = ['ENOTEMPTY', 'EEXIST'];

/**
 * Snapshots as folders of columns, each named by the hash of its manifest.
 *
 * Version 1 held each pair of user and product once and no regions; it is refused in words, and a job that began
 * with one takes a new snapshot.
 */
export class FileSnapshotStore extends SnapshotStore {
  constructor(private readonly directory: string) {
    super();
  }

  async write({ interactions, userIds, itemIds, regionIds }: InteractionSnapshot): Promise<string> {
    await mkdir(this.directory, { recursive: true });
    const building = join(this.directory, `building-${randomUUID()}`);
    const hash = await writeHashedFolder(building, FORMAT, {
      'users.json': jsonOf(userIds),
      'items.json': jsonOf(itemIds),
      'regions.json': jsonOf(regionIds),
      'interactions.user.i32': bytesOf(interactions.users),
      'interactions.item.i32': bytesOf(interactions.items),
      'interactions.at.f64': bytesOf(interactions.timestamps),
      'user.region.i32': bytesOf(interactions.userRegions),
    });
    await this.place(building, hash);
    return hash;
  }

  /** Two that write the same rows at once end with one folder: its name says what is in it. A damaged one gives way. */
  private async place(building: string, hash: string): Promise<void> {
    const target = this.folder(hash);
    const isPlaced = await renameWhereFree(building, target);
    if (isPlaced) return;
    const isWhole = await this.read(hash).then(
      () => true,
      () => false,
    );
    if (!isWhole) {
      await rm(target, { recursive: true, force: true });
      await renameWhereFree(building, target);
    }
    await rm(building, { recursive: true, force: true });
  }

  async read(hash: string): Promise<InteractionSnapshot> {
    const { contents } = await readHashedFolder(this.folder(hash), FORMAT, hash);
    const column = (name: string): Uint8Array => contents[name] ?? new Uint8Array();
    const ids = (name: string): string[] =>
      JSON.parse(Buffer.from(column(name)).toString('utf8')) as string[];
    const userIds = ids('users.json');
    const itemIds = ids('items.json');
    return {
      userIds,
      itemIds,
      regionIds: ids('regions.json'),
      interactions: {
        userCount: userIds.length,
        itemCount: itemIds.length,
        users: numbersOf(column('interactions.user.i32'), Int32Array),
        items: numbersOf(column('interactions.item.i32'), Int32Array),
        timestamps: numbersOf(column('interactions.at.f64'), Float64Array),
        userRegions: numbersOf(column('user.region.i32'), Int32Array),
      },
    };
  }

  private folder(hash: string): string {
    return join(this.directory, hash);
  }
}

/** @returns Whether the folder is now at `target`; false when there is one already. */
async function renameWhereFree(folder: string, target: string): Promise<boolean> {
  try {
    await rename(folder, target);
    return true;
  } catch (error) {
    if (TAKEN.includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}
