// Lint: typescript-eslint's type-checked rules, plus two of the design's rules that a compiler
// cannot hold: who may know whom (imports), and that time and chance are arguments.

import js from '@eslint/js';
import jest from 'eslint-plugin-jest';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/**
 * The folders of src in the order of a frame's way up: a folder imports those that stand before it,
 * and none behind it. Folders in one inner list do not know each other.
 */
const HOUSE = [
  ['wire'],
  ['frame'],
  ['hosts'],
  ['arp', 'nd', 'icmp', 'dhcp', 'mcast', 'loop', 'stp', 'impair', 'hooks'],
  ['l2'],
  ['capture'],
  ['native'],
  ['system'],
  ['config'],
  ['device'],
  ['dataplane'],
  ['journal'],
  ['terminal'],
  ['ports'],
  ['control'],
  ['library'],
  ['testing'],
  ['api'],
  ['tapctl'],
];

/** The folders below the data plane's thread: no I/O, and time and randomness are arguments. */
const FRAME_PATH = HOUSE.slice(0, HOUSE.findIndex(([first]) => first === 'l2') + 1).flat();

/** The folders that may import src/native. */
const NATIVE_USERS = ['system', 'device', 'dataplane', 'ports', 'control'];

/** The folders whose memory layout the addon shares. src/native imports their constants and no other folder. */
const SHARED_WITH_ADDON = ['wire', 'frame'];

/** The folders that a folder may not import: its neighbours on its own floor, and all above. */
const unknownTo = (folder) => {
  const others = HOUSE.flat().filter((other) => other !== folder);
  if (folder === 'native') return others.filter((other) => !SHARED_WITH_ADDON.includes(other));
  const floor = HOUSE.findIndex((folders) => folders.includes(folder));
  const above = HOUSE.slice(floor).flat();
  return others.filter(
    (other) => above.includes(other) || (other === 'native' && !NATIVE_USERS.includes(folder)),
  );
};

const importOfFolders = (folders, message) => ({
  regex: `^(\\.\\./)+(${folders.join('|')})(/|$)`,
  message,
});

const ADDON = { regex: '\\.node$', message: 'Only src/native loads the addon.' };
const BUILT_INS = { regex: '^node:', message: 'The frame path performs no I/O.' };

/** One entry of the config: `files` may not import what `patterns` match. */
const importRule = (files, patterns, ignores = []) => ({
  files,
  ignores,
  rules: { 'no-restricted-imports': ['error', { patterns }] },
});

const folderRule = (folder) => [
  ...(folder === 'native' ? [] : [ADDON]),
  ...(FRAME_PATH.includes(folder) ? [BUILT_INS] : []),
  importOfFolders(
    unknownTo(folder),
    `src/${folder} imports only folders that stand before it in HOUSE (eslint.config.mjs).`,
  ),
];

/**
 * ESLint takes the last entry that matches a file and does not merge their patterns, so that the
 * order is from the general to the particular.
 */
const WHO_MAY_KNOW_WHOM = [
  importRule(['src/*.ts'], [ADDON]),
  ...HOUSE.flat().map((folder) => importRule([`src/${folder}/**/*.ts`], folderRule(folder))),
  // The text of an address is what `node:net` says it is; that is no I/O.
  importRule(
    ['src/wire/ip-text.ts'],
    folderRule('wire').filter((pattern) => pattern !== BUILT_INS),
  ),
];

const TIME_AND_CHANCE = {
  files: FRAME_PATH.map((folder) => `src/${folder}/**/*.ts`),
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

/**
 * The files that read typed arrays in place, because each plain frame runs through them. Measured with
 * `npm run bench -- --only decide`: with the functions of src/wire/read.ts in all of them too, known unicast costs
 * 8 % more, learning 17 % and an ARP answer 10 %. V8 inlines each read; but with each call the code of
 * its caller grows, and V8 inlines less of it into the trip of a frame.
 */
const READ_IN_PLACE = [
  'src/frame/burst.ts',
  'src/frame/classify.ts',
  'src/l2/bridge.ts',
  'src/l2/counters.ts',
  'src/l2/egress.ts',
  'src/l2/flooding.ts',
  'src/l2/output.ts',
  'src/l2/fdb/table.ts',
  'src/l2/port-table.ts',
  'src/l2/rooms.ts',
  'src/wire/ethernet.ts',
  // A time that a function returns is an object on the heap wherever V8 does not inline the function.
  'src/impair/held-frames.ts',
  'src/impair/impairment.ts',
  'src/impair/impairments.ts',
];

/** Reads of arrays of numbers have one place where `undefined` is taken out of their type. */
const READS = {
  files: ['src/**/*.ts'],
  ignores: ['src/wire/read.ts', ...READ_IN_PLACE],
  rules: {
    'no-restricted-syntax': [
      'error',
      {
        selector: 'TSAsExpression[expression.computed=true] > TSNumberKeyword',
        message: 'Read arrays of numbers with the functions of src/wire/read.ts.',
      },
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
  READS,
);
