/**
 * The lint rules of eslint.config.mjs that hold the design: a rule whose pattern matches nothing
 * would pass without a test, so that each rule gets one import that it must refuse and one that it must allow.
 */

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';

const REFUSED: readonly [file: string, code: string][] = [
  ['src/wire/arp.ts', "import '../frame/burst';"],
  ['src/wire/arp.ts', "import 'node:net';"],
  ['src/frame/burst.ts', "import '../hosts/claim';"],
  ['src/hosts/claim.ts', "import '../arp/arp';"],
  ['src/hosts/binding-table.ts', "import '../l2/fdb/table';"],
  ['src/arp/arp.ts', "import '../nd/nd';"],
  ['src/arp/arp.ts', "import '../l2/bridge';"],
  ['src/arp/arp.ts', "import '../native/native';"],
  ['src/arp/arp.ts', "import 'node:fs';"],
  ['src/nd/nd.ts', "import '../api/api';"],
  ['src/mcast/mcast.ts', "import '../nd/nd';"],
  ['src/mcast/group-table.ts', "import '../l2/bridge';"],
  ['src/stp/spanning-tree.ts', "import '../arp/arp';"],
  ['src/hooks/hooks.ts', "import { Stp } from '../stp/stp';"],
  ['src/loop/loop-guard.ts', "import '../stp/stp';"],
  ['src/l2/bridge.ts', "import '../dataplane/worker';"],
  ['src/l2/bridge.ts', "import '../capture/captures';"],
  ['src/l2/fdb/table.ts', "import '../../config/schema';"],
  ['src/capture/filter.ts', "import '../config/values/rule';"],
  ['src/native/native.ts', "import '../l2/bridge';"],
  ['src/native/native.ts', "import '../hosts/claim';"],
  ['src/config/file.ts', "import '../native/native';"],
  ['src/config/values/cidr.ts', "import '../../device/link';"],
  ['src/dataplane/loop.ts', "import '../../build/Release/tapswitch.node';"],
  ['src/journal/journal.ts', "import '../control/tap-switch';"],
  ['src/ports/port-set.ts', "import '../control/reload';"],
  ['src/control/reload.ts', "import '../api/server';"],
  ['src/testing/memory-port.ts', "import '../native/native';"],
  ['src/api/routes/fdb.ts', "import '../../tapctl/program';"],
  ['src/run-switch.ts', "import '../build/Release/tapswitch.node';"],
  ['src/l2/fdb/table.ts', 'Date.now();'],
  ['src/arp/arp.ts', 'setTimeout(() => {}, 1);'],
  ['src/icmp/echo.ts', 'process.hrtime();'],
  ['src/frame/segment.ts', 'Math.random();'],
  ['src/frame/segment.ts', 'export const at = (a: Uint8Array) => a[0] as number;'],
  ['src/api/api.ts', 'export const at = (a: number[], i: number) => (a[i] as number) + 1;'],
];

const ACCEPTED: readonly [file: string, code: string][] = [
  ['src/arp/arp.ts', "import './speak';"],
  ['src/arp/arp.ts', "import '../wire/arp';"],
  ['src/arp/arp.ts', "import '../frame/burst';"],
  ['src/arp/arp.ts', "import '../hosts/claim';"],
  ['src/hosts/claim.ts', "import '../wire/ipv4';"],
  ['src/stp/spanning-tree.ts', "import '../wire/bpdu';"],
  ['src/wire/arp.ts', "import './ethernet';"],
  ['src/wire/ip-text.ts', "import 'node:net';"],
  ['src/l2/bridge.ts', "import '../arp/arp';"],
  ['src/l2/room-list.ts', "import '../mcast/mcast';"],
  ['src/mcast/mcast.ts', "import '../hosts/own-addresses';"],
  ['src/l2/impairing.ts', "import '../impair/impairments';"],
  ['src/l2/fdb/table.ts', "import '../../frame/time';"],
  ['src/native/constants.ts', "import '../frame/burst';"],
  ['src/native/native.ts', "import '../../build/Release/tapswitch.node';"],
  ['src/dataplane/worker.ts', "import '../native/native';"],
  ['src/dataplane/worker.ts', "import '../l2/bridge';"],
  ['src/ports/tap-port.ts', "import '../device/link';"],
  ['src/api/routes/fdb.ts', "import '../../control/tap-switch';"],
  ['src/switch.ts', "import './native/native';"],
  ['src/dataplane/worker.ts', 'performance.now();'],
  ['src/l2/bridge.ts', 'export const at = (a: Uint8Array) => a[0] as number;'],
  ['src/api/api.ts', 'export const as = (a: unknown) => a as number;'],
];

/** One child process lints every case, because jest cannot load ESLint's own modules. */
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
