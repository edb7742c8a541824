/** Who may import whom. `npm run arch` fails on the first violation; every rule says why. */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'A cycle is a missing module or a missing event.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'ml-is-pure',
      severity: 'error',
      comment: 'Algorithms know no framework, no database, no clock and no file system.',
      from: { path: '^src/ml/', pathNot: '[.]spec[.]ts$' },
      to: { pathNot: '^src/ml/|^node_modules/@tensorflow/' },
    },
    {
      name: 'tensorflow-only-in-its-folder',
      severity: 'error',
      comment: 'One place to change when the portable form changes; tests load models as clients do.',
      from: { pathNot: '^src/ml/tensorflow/|^test/' },
      to: { path: '^node_modules/@tensorflow/' },
    },
    {
      name: 'tensorflow-only-where-it-runs',
      severity: 'error',
      comment:
        'It is large: the API and a trainer on the kernels must not load it. Dynamic imports and threads may.',
      from: {
        path: '^src/',
        pathNot:
          '^src/ml/tensorflow/|^src/platform/storage/layers-model-|^src/platform/trainer/training-engine[.]ts$|[.]spec[.]ts$',
      },
      to: { path: '^src/ml/tensorflow/', pathNot: '/backend-names[.]ts$' },
    },
    {
      name: 'ports-know-nothing',
      severity: 'error',
      comment: 'A port is what modules need, said without naming who provides it.',
      from: { path: '^src/ports/' },
      to: { pathNot: '^src/(ports|ml)/|^node:|^(stream|events)$' },
    },
    {
      name: 'modules-meet-through-services',
      severity: 'error',
      comment: 'Another feature is used through its module and service, never its repository or controller.',
      from: { path: '^src/modules/([^/]+)/', pathNot: '[.]spec[.]ts$' },
      to: {
        path: '^src/modules/',
        pathNot:
          '^src/modules/$1/|^src/modules/([^/]+)/[^/]+[.](module|service|types|errors|decorator)[.]ts$',
      },
    },
    {
      name: 'modules-know-ports-not-adapters',
      severity: 'error',
      comment: 'An adapter can then be exchanged in platform.module.ts alone.',
      from: { path: '^src/modules/', pathNot: '[.](repository|spec)[.]ts$' },
      to: { path: '^src/platform/' },
    },
    {
      name: 'prisma-only-in-repositories',
      severity: 'error',
      comment: 'The shape of the database is not the shape of the domain.',
      from: { pathNot: '[.]repository[.]ts$|^src/platform/|^test/|^bench/|^src/cli/' },
      to: { path: '^src/platform/database/|^node_modules/@prisma/' },
    },
    {
      name: 'production-code-imports-no-tests',
      severity: 'error',
      comment: 'Tests are not shipped.',
      from: { path: '^src/', pathNot: '[.]spec[.]ts$' },
      to: { path: '^test/|[.]spec[.]ts$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules|^src/platform/database/generated' },
    exclude: { path: '^src/ml/kernels/assembly' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
