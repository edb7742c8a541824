import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';

import { Injectable } from '@nestjs/common';

import { AppConfig } from '../../config/app-config.js';
import { ReadinessProbe, type ReadinessState } from '../../ports/readiness.js';

/** Below this, PostgreSQL and the trainer may fail in the middle of a write. */
const LEAST_FREE_BYTES = 256 * 1024 * 1024;

/** Looks for room on the disks of the data and of the models. */
@Injectable()
export class DiskProbe extends ReadinessProbe {
  readonly name = 'disk';

  constructor(private readonly config: AppConfig) {
    super();
  }

  async check(): Promise<ReadinessState> {
    const { dataDirectory, modelsDirectory } = this.config;
    const free = Math.min(...(await Promise.all([dataDirectory, modelsDirectory].map(freeBytes))));
    const detail = `${Math.floor(free / 1024 / 1024)} MB free`;
    return { status: free < LEAST_FREE_BYTES ? 'down' : 'up', detail };
  }
}

async function freeBytes(path: string): Promise<number> {
  let folder = path;
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
