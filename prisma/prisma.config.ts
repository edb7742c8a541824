import { defineConfig } from 'prisma/config';

// the URL is only needed by `prisma migrate deploy` and friends; the service applies its migrations itself
const url = process.env['DATABASE_URL'];

export default defineConfig({
  schema: 'schema.prisma',
  migrations: { path: 'migrations' },
  ...(url === undefined ? {} : { datasource: { url } }),
});
