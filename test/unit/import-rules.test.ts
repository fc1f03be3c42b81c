/**
 * The lint rules of eslint.config.mjs that hold the design: a rule whose pattern matches nothing
 * would pass in silence, so each is shown one import that it must refuse and one that it must not.
 */

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';

const REFUSED: readonly [file: string, code: string][] = [
  ['src/arp/responder.ts', "import '../nd/wire';"],
  ['src/arp/responder.ts', "import '../native/native';"],
  ['src/icmp/echo.ts', "import '../port/port';"],
  ['src/nd/responder.ts', "import '../control/api';"],
  ['src/arp/responder.ts', "import '../l2/bridge';"],
  ['src/arp/responder.ts', "import 'node:fs';"],
  ['src/arp/wire.ts', "import './neighbours';"],
  ['src/l2/wire.ts', "import './fdb';"],
  ['src/ip/claim.ts', "import '../arp/own-addresses';"],
  ['src/ip/claim.ts', "import '../neighbour/table';"],
  ['src/neighbour/table.ts', "import '../arp/wire';"],
  ['src/l2/bridge.ts', "import '../dataplane/worker';"],
  ['src/port/memory-port.ts', "import '../native/native';"],
  ['src/config/file.ts', "import '../native/native';"],
  ['src/native/native.ts', "import '../l2/burst';"],
  ['src/dataplane/loop.ts', "import '../../build/Release/tapswitch.node';"],
  ['src/l2/fdb.ts', 'Date.now();'],
  ['src/arp/responder.ts', 'setTimeout(() => {}, 1);'],
  ['src/icmp/echo.ts', 'process.hrtime();'],
  ['src/offload/segment.ts', 'Math.random();'],
];

const ACCEPTED: readonly [file: string, code: string][] = [
  ['src/arp/responder.ts', "import './wire';"],
  ['src/arp/responder.ts', "import '../l2/burst';"],
  ['src/arp/responder.ts', "import '../ip/claim';"],
  ['src/arp/responder.ts', "import '../neighbour/table';"],
  ['src/neighbour/table.ts', "import '../ip/ipv4';"],
  ['src/arp/wire.ts', "import '../l2/wire';"],
  ['src/icmp/wire.ts', "import '../ip/checksum';"],
  ['src/l2/bridge.ts', "import '../arp/responder';"],
  ['src/dataplane/worker.ts', "import '../native/native';"],
  ['src/dataplane/worker.ts', "import '../l2/bridge';"],
  ['src/native/native.ts', "import '../../build/Release/tapswitch.node';"],
  ['src/switch.ts', "import './native/native';"],
  ['src/dataplane/worker.ts', 'performance.now();'],
];

/** jest cannot load ESLint's own modules, so that one child process lints every case. */
const LINT = `
  import { ESLint } from 'eslint';
  const eslint = new ESLint({
    ruleFilter: ({ ruleId }) => ruleId.startsWith('no-restricted-'),
    overrideConfig: { languageOptions: { parserOptions: { projectService: false } } },
  });
  const counts = [];
  for (const [filePath, code] of JSON.parse(process.argv[1])) {
    const [{ messages }] = await eslint.lintText(code, { filePath });
    counts.push(messages.length);
  }
  console.log(JSON.stringify(counts));
`;

describe('lint rules of the design', () => {
  let counts: unknown[] = [];

  beforeAll(() => {
    const cases = JSON.stringify([...REFUSED, ...ACCEPTED]);
    const args = ['--input-type=module', '--eval', LINT, cases];
    const output = execFileSync(process.execPath, args, {
      cwd: join(__dirname, '../..'),
      encoding: 'utf8',
    });
    counts = JSON.parse(output) as unknown[];
  }, 30_000);

  it.each(REFUSED.map((each, index) => [...each, index] as const))(
    '%s may not say %s',
    (_file, _code, index) => {
      expect(counts[index]).toBe(1);
    },
  );

  it.each(ACCEPTED.map((each, index) => [...each, REFUSED.length + index] as const))(
    '%s may say %s',
    (_file, _code, index) => {
      expect(counts[index]).toBe(0);
    },
  );
});
