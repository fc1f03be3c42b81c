'use strict';

/**
 * One jest project per kind of test. All but `netns` run without root. `netns` shares the machine's
 * one /dev/net/tun and its network namespaces, so scripts/test.mjs runs it on its own, serially.
 */

/** swc strips the types and nothing else; `npm run types` is what checks them. */
const transform = {
  '^.+\\.ts$': [
    '@swc/jest',
    {
      jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
      module: { type: 'commonjs' },
      sourceMaps: 'inline',
    },
  ],
};

const project = (name) => ({
  displayName: name,
  testEnvironment: 'node',
  testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
  // Compiled copies of package.json or of the sources must not be found twice.
  modulePathIgnorePatterns: ['<rootDir>/build/', '<rootDir>/build-asan/', '<rootDir>/dist/'],
  transform,
});

/** @type {import('jest').Config} */
module.exports = {
  maxWorkers: '100%',
  projects: [
    project('unit'),
    project('property'),
    project('golden'),
    project('fuzz'),
    project('netns'),
    // Not part of `npm test`: see scripts/soak.mjs.
    project('soak'),
  ],
  collectCoverageFrom: ['src/**/*.ts'],
  coverageProvider: 'v8',
};
