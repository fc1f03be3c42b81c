'use strict';

/**
 * One jest project per kind of test. All but `netns` and `netns-alone` run without root. Those two share the
 * machine's one /dev/net/tun and its network namespaces, so scripts/test.mjs runs them on their own: the
 * files of `netns` two at a time, those of `netns-alone` one at a time.
 */

/**
 * Files of test/netns that need the machine to themselves: they make namespaces of fixed names, or wait a
 * number of milliseconds for something that a loaded machine does later, or count frames in order.
 */
const ALONE = [
  'debugger',
  'examples',
  'fast-path',
  'host-leg',
  'netns-setup',
  'recipes',
  'sanitizer',
  'tuntap-docs',
  'veth',
];
const alonePaths = ALONE.map((name) => `/test/netns/${name}.test.ts`);

/** swc strips the types and writes fields as tsconfig.json says; `npm run types` is what checks them. */
const transform = {
  '^.+\\.ts$': [
    '@swc/jest',
    {
      jsc: {
        parser: { syntax: 'typescript' },
        target: 'es2022',
        transform: { useDefineForClassFields: false },
      },
      module: { type: 'commonjs' },
      sourceMaps: 'inline',
    },
  ],
};

const project = (name, changes = {}) => ({
  displayName: name,
  testEnvironment: 'node',
  testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
  // Compiled copies of package.json or of the sources must not be found twice.
  modulePathIgnorePatterns: ['<rootDir>/build/', '<rootDir>/build-asan/', '<rootDir>/dist/'],
  transform,
  ...changes,
});

/** @type {import('jest').Config} */
module.exports = {
  maxWorkers: '100%',
  projects: [
    project('unit'),
    project('property'),
    project('golden'),
    project('fuzz'),
    project('netns', { testPathIgnorePatterns: alonePaths }),
    project('netns-alone', { testMatch: alonePaths.map((path) => `<rootDir>${path}`) }),
    // Not part of `npm test`: see scripts/soak.mjs.
    project('soak'),
  ],
  collectCoverageFrom: ['src/**/*.ts'],
  coverageProvider: 'v8',
};
