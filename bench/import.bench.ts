/**
 * How many rows a second does the REST import take in, and in how much memory?
 *
 * npm run bench -- import [rows]     rows of the large event file, default 500000
 *
 * The whole application over real HTTP with its own embedded PostgreSQL; the sender runs in the same process.
 */
import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';

import { Module } from '@nestjs/common';

import { AppModule } from '../src/app.module.js';
import { AppConfig } from '../src/config/app-config.js';
import { createHttpApplication } from '../src/http-application.js';
import { TokenIssuer } from '../src/modules/auth/token-issuer.service.js';
import { ImportModule } from '../src/modules/import/import.module.js';
import type { ImportReport } from '../src/modules/import/import.types.js';

@Module({ imports: [AppModule, ImportModule] })
class BenchModule {}

const USERS = 2000;
const PRODUCTS = 800;
const START = Date.UTC(2026, 0, 1);
const ROWS_PER_CHUNK = 500;
const MEBIBYTE = 1024 * 1024;

interface File {
  readonly name: string;
  readonly path: string;
  readonly type: string;
  readonly rows: number;
  readonly header?: string;
  readonly row: (index: number) => string;
}

function files(eventRows: number): readonly File[] {
  const ndjson = 'application/x-ndjson';
  const time = (i: number): string => new Date(START + i * 1000).toISOString();
  const orderLine = (i: number): string =>
    `order-${i >> 2},user-${(i >> 2) % USERS},${time(i >> 2)},product-${(i * 7) % PRODUCTS},${1 + (i % 3)},3.50`;
  const event = (i: number): string =>
    `{"type":"view","at":"${time(i)}","userId":"user-${i % USERS}","productId":"product-${(i * 7) % PRODUCTS}"}`;
  return [
    {
      name: 'users',
      path: 'users',
      type: 'text/csv',
      rows: USERS,
      header: 'id,name',
      row: (i) => `user-${i},Ada`,
    },
    {
      name: 'products',
      path: 'products',
      type: ndjson,
      rows: PRODUCTS,
      row: (i) => `{"id":"product-${i}","name":"Kale","category":"VEGETABLES","price":"3.50"}`,
    },
    {
      name: 'ordersCsv',
      path: 'orders',
      type: 'text/csv',
      rows: 200_000,
      row: orderLine,
      header: 'orderId,userId,placedAt,productId,quantity,unitPrice',
    },
    {
      name: 'eventsCsv',
      path: 'events?set=type:click',
      type: 'text/csv',
      rows: 200_000,
      header: 'at,userId,productId',
      row: (i) => `${time(i)},user-${i % USERS},product-${(i * 7) % PRODUCTS}`,
    },
    { name: 'events', path: 'events', type: ndjson, rows: eventRows, row: event },
    { name: 'eventsAgain', path: 'events', type: ndjson, rows: Math.min(eventRows, 200_000), row: event },
  ];
}

async function main(): Promise<void> {
  const eventRows = Number(process.argv[2] ?? 500_000);
  if (!(Number.isInteger(eventRows) && eventRows > 0)) {
    say(`Expected a number of rows > 0, received ${process.argv[2]}.`);
    process.exitCode = 2;
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'almanac-bench-'));
  Object.assign(process.env, {
    ALMANAC_DATA: join(folder, 'data'),
    ML_MODELS_DIR: join(folder, 'models'),
    PORT: '0',
    ALMANAC_DEMO: 'off',
    ALMANAC_LOG_LEVEL: 'error',
  });
  say('starting the application on an empty embedded database');
  const app = await createHttpApplication(BenchModule, AppConfig.load(process.env));
  try {
    await app.listen(0, '127.0.0.1');
    const url = await app.getUrl();
    const token = await app.get(TokenIssuer).issue({ subject: 'bench', role: 'service' }, 3600);
    const memory = watchMemory();
    const rates: Record<string, number> = {};
    for (const file of files(eventRows)) {
      say(`${file.name}: sending ${file.rows} rows`);
      const { report, seconds } = await send(`${url}/api/ml/import/${file.path}`, token, file);
      if (report.refused > 0) throw new Error(JSON.stringify(report.errors[0]));
      rates[`${file.name}PerSecond`] = Math.round(file.rows / seconds);
      say(
        `${file.name}: ${Math.round(file.rows / seconds)} rows/s, ${report.created} created, ${report.unchanged} unchanged`,
      );
    }
    const { peakMb, growthMb } = memory.stop();
    say(`memory: ${peakMb} MB at most, ${growthMb} MB more than before the first file`);
    const { eventsPerSecond, ...others } = rates;
    process.stdout.write(
      `${JSON.stringify({ rowsPerSecond: eventsPerSecond, ...others, peakMb, growthMb })}\n`,
    );
  } finally {
    await app.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function send(
  url: string,
  token: string,
  file: File,
): Promise<{ readonly report: ImportReport; readonly seconds: number }> {
  const started = performance.now();
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': file.type },
    body: Readable.toWeb(Readable.from(chunks(file))),
    duplex: 'half',
  });
  const body = (await response.json()) as { data?: ImportReport };
  if (body.data === undefined) throw new Error(JSON.stringify(body));
  return { report: body.data, seconds: (performance.now() - started) / 1000 };
}

function* chunks({ header, rows, row }: File): Generator<Buffer> {
  if (header !== undefined) yield Buffer.from(`${header}\n`);
  for (let from = 0; from < rows; from += ROWS_PER_CHUNK) {
    let text = '';
    for (let i = from; i < Math.min(from + ROWS_PER_CHUNK, rows); i++) text += `${row(i)}\n`;
    yield Buffer.from(text);
  }
}

function watchMemory(): { stop(): { readonly peakMb: number; readonly growthMb: number } } {
  globalThis.gc?.();
  const before = process.memoryUsage.rss();
  let peak = before;
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 50);
  return {
    stop: () => {
      clearInterval(timer);
      return {
        peakMb: Math.round(peak / MEBIBYTE),
        growthMb: Math.round((peak - before) / MEBIBYTE),
      };
    },
  };
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

await main();
