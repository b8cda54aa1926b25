// One transform for everything: swc strips types in about a millisecond a file; tsc checks them in `npm run lint`.
const esmOnly = [
  'graphql-request',
  '@graphql-typed-document-node',
  '@modelcontextprotocol',
  'commander',
  'kysely',
  'pino',
  'fast-check',
  'pure-rand',
  '@guanmingchiu',
  'jose',
];
const base = {
  testEnvironment: 'node',
  setupFilesAfterEnv: ['<rootDir>/test/support/time-limit.cjs', '<rootDir>/test/support/property-seed.cjs'],
  transform: {
    '^.+\\.(ts|mjs|js)$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esmOnly.join('|')})/)`],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/bridge/dist/', '<rootDir>/sandbox/dist/', '<rootDir>/.var/'],
};

/** `unit` needs nothing but Node; `integration` starts our own processes, PostgreSQL; `e2e` runs the real n8n. */
module.exports = {
  // What test files leave behind in a worker adds up; a worker with too much of it is replaced between two files.
  workerIdleMemoryLimit: '1GB',
  projects: ['unit', 'integration', 'e2e'].map((name) => ({
    ...base,
    displayName: name,
    rootDir: __dirname,
    testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
    ...(name === 'e2e'
      ? { setupFilesAfterEnv: [...base.setupFilesAfterEnv, '<rootDir>/test/support/fresh-connections.cjs'] }
      : {}),
  })),
};
