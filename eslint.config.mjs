// Lint: typescript-eslint's type-checked rules, plus two of the design's rules that a compiler
// cannot hold: who may know whom (imports), and that time and chance are arguments.

import js from '@eslint/js';
import jest from 'eslint-plugin-jest';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** The protocol rooms: they know bytes, the burst and the tables that they are handed. */
const ROOMS = ['arp', 'nd', 'icmp', 'dhcp', 'offload'];

/** What the rooms above share, lowest first: each of these knows those before it. */
const SHARED_ROOMS = ['ip', 'neighbour'];
const FRAME_PATH = [...SHARED_ROOMS, ...ROOMS];

/** Folders that belong to the operating system, the threads or the operator. */
const OUTSIDE = ['port', 'native', 'dataplane', 'control', 'config', 'tuntap'];

/** The folders that may import src/native (besides src/native and src/switch.ts). */
const NATIVE_USERS = ['dataplane', 'control', 'tuntap'];

const knownTo = (room) => SHARED_ROOMS.slice(0, FRAME_PATH.indexOf(room));

const importOfFolders = (folders, message) => ({
  regex: `^(\\.\\.?/)+(${folders.join('|')})(/|$)`,
  message,
});

const ADDON = { regex: '\\.node$', message: 'Only src/native loads the addon.' };
const NATIVE = importOfFolders(
  ['native'],
  `Only ${NATIVE_USERS.join(', ')} and switch.ts import src/native.`,
);
const BUILT_INS = { regex: '^node:', message: 'The frame path performs no I/O.' };

/** One entry of the config: `files` may not import what `patterns` match. */
const importRule = (files, patterns, ignores = []) => ({
  files,
  ignores,
  rules: { 'no-restricted-imports': ['error', { patterns }] },
});

/**
 * ESLint takes the last entry that matches a file and does not merge their patterns, so that the
 * order is from the general to the particular.
 */
const WHO_MAY_KNOW_WHOM = [
  importRule(['src/**/*.ts'], [ADDON, NATIVE], ['src/switch.ts', 'src/native/**']),
  importRule(
    NATIVE_USERS.map((folder) => `src/${folder}/**/*.ts`),
    [ADDON],
  ),
  importRule(
    ['src/native/**/*.ts'],
    [
      importOfFolders(
        ['l2', ...FRAME_PATH, ...OUTSIDE],
        'src/native knows the addon and nothing else.',
      ),
    ],
  ),
  importRule(
    ['src/l2/**/*.ts'],
    [ADDON, BUILT_INS, importOfFolders(OUTSIDE, 'The bridge knows the protocol rooms only.')],
  ),
  ...FRAME_PATH.map((room) =>
    importRule(
      [`src/${room}/**/*.ts`],
      [
        ADDON,
        BUILT_INS,
        importOfFolders(
          FRAME_PATH.filter((other) => other !== room && !knownTo(room).includes(other)).concat(
            OUTSIDE,
          ),
          'A protocol room knows its own files, src/l2, and the rooms that all share.',
        ),
        { regex: '/l2/(bridge|forward)$', message: 'The bridge knows the rooms, not they it.' },
      ],
    ),
  ),
  importRule(
    ['src/**/wire.ts'],
    [
      {
        regex: '^(?!\\.\\./(l2/wire|ip/checksum|ip/ipv4|ip/ipv6)$)',
        message: 'A wire file imports byte helpers (src/l2/wire, src/ip) and nothing else.',
      },
    ],
  ),
];

const TIME_AND_CHANCE = {
  files: ['l2', ...FRAME_PATH].map((folder) => `src/${folder}/**/*.ts`),
  rules: {
    'no-restricted-globals': [
      'error',
      ...['Date', 'performance', 'process', 'crypto'].map((name) => ({
        name,
        message: 'Time and randomness are arguments here.',
      })),
      ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'].map((name) => ({
        name,
        message: 'Protocol timers are driven by tick(nowMs).',
      })),
    ],
    'no-restricted-properties': [
      'error',
      { object: 'Math', property: 'random', message: 'Randomness is an argument here.' },
    ],
  },
};

export default defineConfig(
  globalIgnores(['build/', 'build-asan/', 'dist/', 'dist.new-*/', 'coverage/', '.cache/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/prefer-readonly': 'error',
    },
  },
  {
    files: ['**/*.{js,cjs,mjs}'],
    languageOptions: {
      globals: { console: 'readonly', process: 'readonly', URL: 'readonly' },
    },
  },
  {
    files: ['**/*.{js,cjs}'],
    languageOptions: {
      sourceType: 'commonjs',
      globals: { module: 'writable', require: 'readonly', __dirname: 'readonly' },
    },
  },
  {
    rules: {
      curly: ['error', 'multi-line'],
      eqeqeq: 'error',
      'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx'], location: 'start' }],
    },
  },
  { files: ['src/**/*.ts'], rules: { 'no-console': 'error' } },
  {
    files: ['test/**/*.ts'],
    extends: [jest.configs['flat/recommended']],
    rules: {
      'jest/no-disabled-tests': 'error',
      'jest/prefer-importing-jest-globals': 'error',
      // Helpers named expect… assert too, and so does a fast-check property.
      'jest/expect-expect': [
        'error',
        { assertFunctionNames: ['expect', 'expect*', 'assert*', 'fc.assert'] },
      ],
    },
  },
  WHO_MAY_KNOW_WHOM,
  TIME_AND_CHANCE,
);
