// prints the SQL that would turn the database at argv[2] into prisma/schema.prisma
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils';
import pg from 'pg';

// The adapter does not know PostgreSQL's internal type "char", which the catalog is full of. Such columns go
// through it under the name of a type that the catalog does not use, and become characters again behind it.
const CHAR = 18;
const TIME = 1083;
const { addFields } = pg.Result.prototype;
pg.Result.prototype.addFields = function (fields) {
  for (const field of fields) if (field.dataTypeID === CHAR) field.dataTypeID = TIME;
  return addFields.call(this, fields);
};

class CatalogPg extends PrismaPg {
  async connect() {
    const adapter = await super.connect();
    const queryRaw = adapter.queryRaw.bind(adapter);
    adapter.queryRaw = async (query) => {
      const { columnTypes, ...result } = await queryRaw(query);
      const restored = columnTypes.map((type) =>
        type === ColumnTypeEnum.Time ? ColumnTypeEnum.Character : type,
      );
      return { ...result, columnTypes: restored };
    };
    return adapter;
  }
}

const require = createRequire(import.meta.url);
const folder = require.resolve('@prisma/schema-engine-wasm').replace(/[^/\\]+$/, '');
const bindings = await import(pathToFileURL(`${folder}schema_engine_bg.js`).href);
const module = readFileSync(`${folder}schema_engine_bg.wasm`);
const { instance } = await WebAssembly.instantiate(module, { './schema_engine_bg.js': bindings });
bindings.__wbg_set_wasm(instance.exports);
instance.exports.__wbindgen_start();

const content = readFileSync(fileURLToPath(new URL('../../prisma/schema.prisma', import.meta.url)), 'utf8');
const file = { path: 'schema.prisma', content };
const factory = bindMigrationAwareSqlAdapterFactory(new CatalogPg({ connectionString: process.argv[2] }));
const engine = await bindings.SchemaEngine.new(
  { datamodels: [[file.path, content]] },
  () => undefined,
  factory,
);
const { stdout } = await engine.diff({
  from: { tag: 'schemaDatasource', files: [file], configDir: '.' },
  to: { tag: 'schemaDatamodel', files: [file] },
  script: true,
  shadowDatabaseUrl: null,
  exitCode: null,
  filters: { externalTables: [], externalEnums: [] },
});
process.stdout.write(stdout, () => process.exit(0));
