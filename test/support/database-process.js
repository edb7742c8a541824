// opens the embedded database in argv[2], prints its URL, and closes it at SIGTERM
import { loadDatabaseSources } from './database-sources.js';

const { EmbeddedDatabase } = await loadDatabaseSources();
const database = await EmbeddedDatabase.open(process.argv[2]);
process.once('SIGTERM', () => {
  database.close().then(
    () => process.exit(0),
    () => process.exit(1),
  );
});
setInterval(() => undefined, 1000);
process.stdout.write(`${database.url}\n`);
